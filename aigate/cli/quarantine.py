"""`aigate quarantine`: what a run was not allowed to make, and was moved away."""

from __future__ import annotations

import json
import os
import time

import click

from aigate.cli.nearest import NearestGroup
from aigate.config.files import DIRECTORY, shown
from aigate.policy.resolve import home_directory
from aigate.watch.quarantine import Quarantine

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(cls=NearestGroup, invoke_without_command=True)
@JSON
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Show, put back or delete what agents made where they may not, such as .envrc or a git hook.

    Without more words: list.
    """
    if ctx.invoked_subcommand is None:
        list_all(as_json=as_json)


@command.command("list")
@JSON
def listed(as_json: bool) -> None:
    """List what is kept, the oldest first."""
    list_all(as_json=as_json)


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


def list_all(*, as_json: bool) -> None:
    """Print one line for each thing that is kept, or all of them as JSON."""
    quarantine = _quarantine()
    if as_json:
        found = [(kept, quarantine.content(kept)) for kept in quarantine.all()]
        plain = [{"id": k.number, "path": k.path, "why": k.why, "time": k.time, "now_at": at} for k, at in found]
        click.echo(json.dumps(plain, indent=2))
        return
    everything = quarantine.all()
    if not everything:
        click.echo("nothing was moved away")
    for kept in everything:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(kept.time))
        click.echo(f"{kept.number}  {when}  {shown(kept.path)}  ({shown(kept.why)})")
        click.echo(f"  {shown(quarantine.content(kept))}")


def _quarantine() -> Quarantine:
    return Quarantine(os.path.join(home_directory(), DIRECTORY))
