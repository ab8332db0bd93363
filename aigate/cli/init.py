"""`aigate init`: write the config that everything else reads, and say what comes next."""

from __future__ import annotations

import os
import sys

import click

from aigate.cli import schema
from aigate.config import editor, files, load, rewrite
from aigate.config.meant import meant
from aigate.errors import UsageError
from aigate.hook.agents import BY_NAME
from aigate.policy.resolve import home_directory
from aigate.profiles.load import names, profile_named


@click.command()
@click.option("--force", is_flag=True, help="Replace a config that is there already.")
@click.option("--for", "agent", metavar="AGENT", help="Say what comes next for this agent: claude, codex ...")
def command(force: bool, agent: str | None) -> None:
    """Write ~/.aigate/config.yaml with defaults that suit most projects, each key explained."""
    path = files.global_path(home_directory())
    state = os.path.dirname(path)
    if agent is not None and profile_named(agent, state) is None:
        raise UsageError(
            f"there is no profile {agent!r}", hint=meant(agent, names(state), "aigate profiles lists them")
        )
    if agent is not None and not force and files.has_global(home_directory()):
        click.echo(f"{files.shown(path)} is there already, and stays as it is\n")
    else:
        rewrite.create(path, load.default_bytes(), force=force)
        os.chmod(state, 0o700)
        click.echo(f"wrote {files.shown(path)}\n")
    rewrite.create(os.path.join(state, editor.FILE), schema.text(project=False).encode(), force=True)
    rows = list(_next(agent or "claude"))
    width = max(len(words) for words, _ in rows)
    click.echo("next:\n" + "\n".join(f"  {words:<{width}}  {does}" for words, does in rows))


def _next(agent: str) -> list[tuple[str, str]]:
    """Return what a person may want to do now: (command, what it does)."""
    rows = [(f"aigate run -- {agent}", "starts it in the sandbox")]
    if sys.platform == "linux":
        known = BY_NAME.get(agent)
        if known is not None and known.settings is not None:
            rows.append((f"aigate hook install {agent}", "takes secrets out of what its tools return to the model"))
        rows += [
            ("aigate explain .env", "says what a run may do with a path, --host NAME or -- COMMAND, and why"),
            ("aigate learn", "after a run: allows what it was refused, if you agree"),
            ("aigate doctor", "tries what protects on this machine"),
        ]
    return [*rows, (f"aigate profiles show {agent}", "lists the hosts and files that it needs")]
