"""`aigate allow`: take a prohibition back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aigate.cli import access, edits
from aigate.cli.nearest import NearestGroup
from aigate.cli.output import show
from aigate.config import lists, never
from aigate.errors import ConfigError
from aigate.policy.resolve import home_directory

if TYPE_CHECKING:
    from collections.abc import Callable

HELP = {
    "read": "Show files again: aigate allow read '*.key'",
    "write": "Make files writable again: aigate allow write .vscode/tasks.json",
    "exec": "Let a command run again: aigate allow exec curl",
    "env": "Give a variable to the agent again: aigate allow env KUBECONFIG",
}


@click.group(cls=NearestGroup, no_args_is_help=False)
def command() -> None:
    """Take a prohibition back: read, write, exec, env, net."""


def _remove(what: str) -> Callable[..., None]:
    @click.argument("entries", metavar="ENTRY...", nargs=-1, required=True)
    @edits.CONFIG
    @edits.PROJECT
    @edits.DRY_RUN
    def allow(entries: tuple[str, ...], config_file: str | None, project: bool, dry_run: bool) -> None:
        target = edits.Target.of(config_file, project=project)
        key = lists.KEYS[what]
        default = edits.default_entries(key, target)
        covering = edits.covering(what, target)
        edits.apply(target, key, lambda present: lists.allow(key, present, entries, default, covering), dry_run=dry_run)
        if what == "read" and not dry_run:
            access.follow(entries, config_file)

    return allow


for _what, _help in HELP.items():
    command.command(_what, help=_help, short_help=_help)(_remove(_what))


@command.command("net", short_help="Let the agent reach a host: aigate allow net example.com")
@click.argument("hosts", metavar="HOST...", nargs=-1, required=True)
@edits.CONFIG
@edits.PROJECT
@edits.DRY_RUN
def net(hosts: tuple[str, ...], config_file: str | None, project: bool, dry_run: bool) -> None:
    """Add hosts to allow_net: example.com, *.example.com, example.com:443, 192.0.2.0/24."""
    edits.check("net", hosts)
    target = edits.Target.of(config_file, project=project)
    if project and edits.global_layer().allow_net is None:
        hint = "to restrict this project to some hosts: aigate deny net --project --except HOST"
        raise ConfigError("your own config does not restrict the network, so there is nothing to add to", hint=hint)
    decide = lists.add_net if project else lists.allow_net
    edits.apply(target, "allow_net", lambda present: decide(present, hosts), dry_run=dry_run)
    if not dry_run:
        for name in never.forget([host.partition(":")[0].lower() for host in hosts], home=home_directory()):
            show(f"{name}: you had answered never, which is taken back\n")
