"""`aigate profiles`: what agents and toolchains need of the home and the network, and who says so."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from aigate.cli.nearest import NearestGroup
from aigate.config.files import DIRECTORY, shown
from aigate.config.meant import meant
from aigate.errors import UsageError
from aigate.policy.resolve import home_directory
from aigate.profiles.load import OWN, names, profile_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aigate.profiles.load import Profile

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(cls=NearestGroup, invoke_without_command=True)
@JSON
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the profiles of agents and toolchains, or show one: aigate profiles show claude.

    A file in ~/.aigate/profiles/ is one more, and goes before one of aigate's own with the same name.
    """
    if ctx.invoked_subcommand is not None:
        return
    state = _state()
    found = [profile for name in names(state) if (profile := profile_named(name, state)) is not None]
    if as_json:
        click.echo(json.dumps([_plain(profile) for profile in found], indent=2))
        return
    width = max(len(profile.name) for profile in found)
    for profile in found:
        kind = "toolchain" if profile.toolchain else "agent"
        own = "" if os.path.dirname(profile.path) == OWN else "  (yours)"
        click.echo(f"{profile.name:<{width}}  {kind:<9}  {shown(profile.source)}{own}")


@command.command("show")
@click.argument("name", metavar="NAME")
@JSON
def show(name: str, as_json: bool) -> None:
    """Show what a profile brings."""
    state = _state()
    profile = profile_named(name, state)
    if profile is None:
        raise UsageError(f"there is no profile {name!r}", hint=meant(name, names(state), "aigate profiles lists them"))
    if as_json:
        click.echo(json.dumps(_plain(profile), indent=2))
        return
    taken = f"--profile {name}" if profile.toolchain else f"aigate run -- {name}, or --profile {name}"
    lines = [f"{name}: {shown(profile.path)}", f"Taken by: {taken}"]
    lines += [f"Source: {shown(profile.source)}"] if profile.source else []
    lines += _listed("Hosts, added to an allow_net that lists some", (entry.text for entry in profile.hosts))
    lines += _listed("Hosts that these are set to, outside of projects", profile.registries)
    lines += _listed("Common to you and the agent", (entry.text for entry in profile.share))
    lines += _listed("Variables, where you have not set them", (f"{key}={value}" for key, value in profile.environment))
    lines += _listed("Not kept after a run", profile.passing)
    lines += _listed("Good to know", profile.hints)
    click.echo("\n".join(lines))


def _listed(title: str, items: Iterable[str]) -> list[str]:
    found = [f"  {shown(item)}" for item in items]
    return [f"{title}:", *found] if found else []


def _plain(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "path": profile.path,
        "source": profile.source,
        "toolchain": profile.toolchain,
        "allow_net": [entry.text for entry in profile.hosts],
        "registries": list(profile.registries),
        "share": [entry.text for entry in profile.share],
        "passing": list(profile.passing),
        "environment": dict(profile.environment),
        "hints": list(profile.hints),
    }


def _state() -> str:
    return f"{home_directory()}/{DIRECTORY}"
