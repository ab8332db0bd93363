"""`aigate deny`: put something under a prohibition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aigate.cli import access, edits
from aigate.cli.nearest import NearestGroup
from aigate.config import lists
from aigate.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

HELP = {
    "read": "Hide files and folders: aigate deny read '*.sqlite' ~/private/",
    "write": "Make files and folders read-only: aigate deny write Makefile",
    "exec": "Forbid commands, or a subcommand: aigate deny exec curl 'git push'",
    "env": "Keep environment variables from the agent: aigate deny env 'MY_*'",
}
NET = """Take hosts out of allow_net, or set it.

\b
aigate deny net                          no network at all
aigate deny net --except a --except b    exactly a and b
aigate deny net c                        take c out of the list
"""


@click.group(cls=NearestGroup, no_args_is_help=False)
def command() -> None:
    """Forbid something: read, write, exec, env, net."""


def _add(what: str) -> Callable[..., None]:
    @click.argument("entries", metavar="ENTRY...", nargs=-1, required=True)
    @edits.CONFIG
    @edits.PROJECT
    @edits.DRY_RUN
    def deny(entries: tuple[str, ...], config_file: str | None, project: bool, dry_run: bool) -> None:
        edits.check(what, entries)
        target = edits.Target.of(config_file, project=project)
        key = lists.KEYS[what]
        default = edits.default_entries(key, target)
        edits.apply(target, key, lambda present: lists.deny(key, present, entries, default), dry_run=dry_run)
        if what == "read" and not dry_run:
            access.follow(entries, config_file)

    return deny


for _what, _help in HELP.items():
    command.command(_what, help=_help, short_help=_help)(_add(_what))


@command.command("net", help=NET, short_help="Restrict the network: aigate deny net --except api.example.com")
@click.argument("hosts", metavar="[HOST]...", nargs=-1)
@click.option("--except", "kept", metavar="HOST", multiple=True, help="Allow this host and no other; repeatable.")
@edits.CONFIG
@edits.PROJECT
@edits.DRY_RUN
def net(hosts: tuple[str, ...], kept: tuple[str, ...], config_file: str | None, project: bool, dry_run: bool) -> None:
    """Decide between the three forms; see NET."""
    if hosts and kept:
        raise UsageError("deny net takes hosts out, or with --except keeps them: not both")
    edits.check("net", (*hosts, *kept))
    target = edits.Target.of(config_file, project=project)
    if project and kept and edits.global_layer().allow_net is not None:
        hint = "aigate deny net --except without --project does"
        raise ConfigError("a project's allow_net adds to your own: it cannot take hosts away", hint=hint)

    def decide(present: list[str] | None) -> lists.Outcome:
        if hosts:
            return lists.deny_net(present, hosts, drop=project)
        return lists.deny_all_net(present, kept)

    edits.apply(target, "allow_net", decide, dry_run=dry_run)
