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
    home = home_directory()
    state = os.path.dirname(files.global_path(home))
    if agent is not None and profile_named(agent, state) is None:
        hint = meant(agent, names(state), "aigate profiles lists them")
        raise UsageError(f"there is no profile {agent!r}", hint=hint)
    if agent is not None and not force and files.has_global(home):
        click.echo(f"{files.shown(files.global_path(home))} is there already, and stays as it is\n")
    else:
        click.echo(f"wrote {write(force=force)}\n")
    rows = list(_next(agent or "claude"))
    width = max(len(words) for words, _ in rows)
    click.echo("next:\n" + "\n".join(f"  {words:<{width}}  {does}" for words, does in rows))


def write(*, force: bool) -> str:
    """Write the config and the schema that it names, and return how its path is shown. Raises ConfigError."""
    path = files.global_path(home_directory())
    rewrite.create(path, load.default_bytes(), force=force)
    os.chmod(os.path.dirname(path), 0o700)
    rewrite.create(os.path.join(os.path.dirname(path), editor.FILE), schema.text(project=False).encode(), force=True)
    return files.shown(path)


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
