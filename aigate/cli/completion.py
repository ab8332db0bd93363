"""`aigate completion`: what makes a shell complete aigate's command lines."""

from __future__ import annotations

import os

import click

from aigate.cli.candidates import SHELLS
from aigate.reading import read_from

WORDS = "words"  # in place of a shell: what its script asks
SCRIPTS = os.path.join(os.path.dirname(__file__), "completions")


HELP = """Print the script that completes commands, options, presets, profiles and what can be taken back.

\b
bash   aigate completion bash > ~/.local/share/bash-completion/completions/aigate
zsh    aigate completion zsh > ~/.zfunc/_aigate     (a directory of your $fpath)
fish   aigate completion fish > ~/.config/fish/completions/aigate.fish
"""


@click.command(help=HELP)
@click.argument("shell", metavar="|".join(SHELLS), type=click.Choice([*SHELLS, WORDS]))
@click.argument("typed", nargs=-1, type=click.UNPROCESSED, metavar="")
def command(shell: str, typed: tuple[str, ...]) -> None:
    """Print a script, or answer one; see HELP."""
    if shell == WORDS:
        from aigate.cli.completing import candidates

        click.echo("".join(f"{found.line()}\n" for found in candidates(typed[:-1], (typed or ("",))[-1])), nl=False)
        return
    with open(f"{SCRIPTS}/aigate.{shell}", "rb") as file:
        click.echo(read_from(file).decode(), nl=False)
