"""`aigate quarantine`: what a run was not allowed to make, and was moved away."""

from __future__ import annotations

import os
import time

import click

from aigate.cli.nearest import NearestGroup
from aigate.config.files import DIRECTORY, shown
from aigate.policy.resolve import home_directory
from aigate.watch.quarantine import Quarantine


@click.group(cls=NearestGroup, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Show, put back or delete what agents made where they may not, such as .envrc or a git hook.

    Without more words: list.
    """
    if ctx.invoked_subcommand is None:
        list_all()


@command.command("list")
def listed() -> None:
    """List what is kept, the oldest first."""
    list_all()


@command.command("restore")
@click.argument("number", metavar="ID")
def restore(number: str) -> None:
    """Put it back where it was. Look at it first: it would run as you."""
    kept = _quarantine().restore(number)
    click.echo(f"{shown(kept.path)}: is there again")


@command.command("drop")
@click.argument("number", metavar="ID")
def drop(number: str) -> None:
    """Delete it for good."""
    kept = _quarantine().drop(number)
    click.echo(f"{shown(kept.path)}: deleted")


def list_all() -> None:
    """Print one line for each thing that is kept."""
    quarantine = _quarantine()
    for kept in quarantine.all():
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(kept.time))
        click.echo(f"{kept.number}  {when}  {shown(kept.path)}  ({shown(kept.why)})")
        click.echo(f"  {shown(quarantine.content(kept))}")


def _quarantine() -> Quarantine:
    return Quarantine(os.path.join(home_directory(), DIRECTORY))
