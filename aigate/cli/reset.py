"""`aigate reset`: take back everything that setup, init and the access lists left on the machine."""

from __future__ import annotations

import os
import shutil

import click

from aigate.cli import access
from aigate.config import editor, files, never
from aigate.config.trust import TRUSTED
from aigate.errors import AigateError, EnforcementError
from aigate.host import accounts, permanent

CONFIG_FILES = (files.GLOBAL_NAME, editor.FILE, TRUSTED, never.FILE)
CACHE = "cache"


@click.command()
@click.option("--force", is_flag=True, help="Remove it; without this nothing is removed.")
def command(force: bool) -> None:
    """Remove aigate's access lists, its user and group, and the config. The audit log stays.

    Needs root where `aigate setup` made accounts: sudo aigate reset --force. Only accounts that aigate made go.
    """
    access.load_everything()
    who = accounts.invoking()
    state = os.path.join(who.home, files.DIRECTORY)
    made = accounts.made()
    plan = [*accounts.as_account(who, lambda: _present(state)), *(f"{kind} {name}" for kind, (name, _) in made.items())]
    if not plan:
        click.echo("nothing to remove")
        return
    if not force:
        for line in plan:
            click.echo(f"would remove {line}")
        raise AigateError("nothing was removed", hint="aigate reset --force removes it")
    if made and os.geteuid() != 0:
        names = " and ".join(f"the {kind} {name}" for kind, (name, _) in made.items())
        raise EnforcementError(f"removing {names} needs root", hint="sudo aigate reset --force")
    for line in accounts.as_account(who, lambda: _removed(state)):
        click.echo(line, err=line.startswith("aigate: "))
    _remove_accounts(made)


def _present(state: str) -> list[str]:
    lines = [f"the access list that was set on {files.shown(path)}" for path in permanent.recorded(state)]
    names = [*CONFIG_FILES, CACHE]
    return [*lines, *(files.shown(os.path.join(state, name)) for name in names if _is_there(state, name))]


def _removed(state: str) -> list[str]:
    """Remove what belongs to the user, and return what to say. The lists go first: their record goes with them."""
    report = permanent.allow(lambda _path, _entry: True, state)
    lines = [f"removed the access list that was set on {files.shown(path)}" for path in report.changed]
    lines += [f"aigate: warning: {warning}" for warning in report.warnings]
    for name in CONFIG_FILES:
        if _is_there(state, name):
            os.unlink(os.path.join(state, name))
            lines.append(f"removed {files.shown(os.path.join(state, name))}")
    if _is_there(state, CACHE):
        shutil.rmtree(os.path.join(state, CACHE))
        lines.append(f"removed {files.shown(os.path.join(state, CACHE))}")
    if not permanent.recorded(state) and _is_there(state, permanent.RECORD):
        os.unlink(os.path.join(state, permanent.RECORD))
    return lines


def _remove_accounts(made: dict[str, tuple[str, int]]) -> None:
    group, user = (made[kind][0] if kind in made else None for kind in ("group", "user"))
    for words in accounts.commands_to_remove(group, user):
        accounts.run(words)
    for kind, (name, _) in made.items():
        click.echo(f"removed {kind} {name}")
    if made:
        accounts.forget()


def _is_there(state: str, name: str) -> bool:
    return os.path.lexists(os.path.join(state, name))
