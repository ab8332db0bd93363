"""`aigate setup`: make the agents' group and user."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from aigate.cli import access
from aigate.config import files, load
from aigate.config.model import DEFAULT_GROUP, DEFAULT_USER
from aigate.errors import EnforcementError, MissingConfigError, UsageError
from aigate.host import accounts, permanent

if TYPE_CHECKING:
    from collections.abc import Iterator

ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
MAX_NAME = 32


@click.command()
@click.option("--group", metavar="NAME", help="Make this group instead of the one in the config.")
@click.option("--user", metavar="NAME", help="Make this user instead of the one in the config.")
@click.option("--dry-run", is_flag=True, help="Show the commands and run nothing.")
def command(group: str | None, user: str | None, dry_run: bool) -> None:
    """Make the group and the user for agents, and close to them what the config denies.

    Needs root: sudo aigate setup. The config is that of the user who calls sudo. May be repeated. Permanent
    access lists keep what runs as this user, or in this group, out of denied files even where no sandbox runs:
    sudo -u ai-runner some-agent.
    """
    access.load_everything()
    who = accounts.invoking()
    configured = accounts.as_account(who, lambda: _configured(who.home))
    group, user = _checked(group or configured[0], "group"), _checked(user or configured[1], "user")
    accounts.check_use(group, user)
    commands = accounts.commands_to_create(group, user)
    if dry_run:
        for words in commands:
            click.echo(" ".join(words))
        return
    if os.geteuid() != 0:
        raise EnforcementError("making a group and a user needs root", hint="sudo aigate setup")
    _create(group, user, commands)
    if [group, user] != configured[:2]:
        click.echo(f"now put these into the config: group: {group}, user: {user}")
    elif len(configured) > len((group, user)):
        for line in accounts.as_account(who, lambda: _close(who.home, group)):
            click.echo(line, err=line.startswith("aigate: "))


def _configured(home: str) -> Iterator[str]:
    """Yield the config's group and user, and a third line when there is a config."""
    try:
        layer = load.global_layer(None, home)
    except MissingConfigError:
        yield from (DEFAULT_GROUP, DEFAULT_USER)
        return
    yield layer.group.text if layer.group else DEFAULT_GROUP
    yield layer.user.text if layer.user else DEFAULT_USER
    yield "config"


def _noun(number: int) -> str:
    return "file or folder" if number == 1 else "files or folders"


def _checked(name: str, what: str) -> str:
    if not name or len(name) > MAX_NAME or not set(name) <= ALLOWED or not (name[0].isalpha() or name[0] == "_"):
        raise UsageError(f"{name!a} is no name for a {what}")
    return name


def _create(group: str, user: str, commands: tuple[accounts.Command, ...]) -> None:
    before = accounts.existing(group, user)
    for words in commands:
        accounts.run(words)
        # At once: were a later command to fail, `aigate reset` would still know what was made.
        now = accounts.existing(group, user)
        accounts.remember(
            group if before.gid is None and now.gid is not None else None,
            user if before.uid is None and now.uid is not None else None,
        )
    for what, name, is_old in (("group", group, before.gid is not None), ("user", user, before.uid is not None)):
        click.echo(f"{what} {name}: {'is there already' if is_old else 'made'}")


def _close(home: str, group: str) -> list[str]:
    cwd = os.getcwd()
    config = load.load_config(None, cwd, home=home)
    targets = access.denied_targets(config, os.path.realpath(home), cwd)
    report = permanent.deny(targets, group, os.path.join(home, files.DIRECTORY))
    lines = (
        [f"closed to the group {group}: {len(report.changed)} {_noun(len(report.changed))}"] if report.changed else []
    )
    return [*lines, *(f"aigate: warning: {warning}" for warning in report.warnings[: access.SHOWN_WARNINGS])]
