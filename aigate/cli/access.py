"""What `deny read` and `allow read` do besides the config: permanent access lists for the agents' group."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

import click

from aigate.config import files
from aigate.config.load import default_layer, load_config
from aigate.errors import AigateError, PolicyError
from aigate.host import permanent
from aigate.policy.patterns import PatternSet, parse_patterns
from aigate.policy.resolve import caller
from aigate.policy.roots import find_roots, rooted
from aigate.policy.walk import DENY_READ, components, find_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aigate.config.model import Config

SHOWN_WARNINGS = 3


def follow(entries: Sequence[str], config_file: str | None) -> None:
    """Bring the access lists in line with an edit of deny_read that added or removed these entries.

    The edit is done by now, so whatever is wrong here is a warning.
    """
    try:
        _follow(entries, config_file)
    except AigateError as error:
        click.echo(f"aigate: warning: no permanent access lists: {error.message}", err=True)


def _follow(entries: Sequence[str], config_file: str | None) -> None:
    who = caller()
    config = load_config(config_file, who.cwd, home=who.home)
    state = os.path.join(who.home, files.DIRECTORY)
    tell(permanent.allow(no_longer_denied(config, who.home, entries), state), "readable again for", config.group)
    targets = denied_targets(config, who.home, who.cwd)
    held = permanent.recorded(state)
    # What an entry that went had closed, and another still names, is from now on closed for that one.
    kept = [t for t in targets if t.entry not in entries and held.get(t.path, {}).get("entry") in entries]
    permanent.deny(kept, config.group, state)
    named = [target for target in targets if target.entry in entries]
    tell(permanent.deny(named, config.group, state), "closed to", config.group)


def load_everything() -> None:
    """Load what work on a user's files imports and reads late, while aigate's own files can be read."""
    for name in ("rewrite", "schema", "trust"):
        importlib.import_module(f"aigate.config.{name}")
    default_layer(None)


def denied_targets(config: Config, home: str, cwd: str) -> list[permanent.Target]:
    """Return the existing files and directories that deny_read names, in the project of `cwd` and elsewhere."""
    roots = find_roots(os.path.realpath(cwd), home)
    try:
        found = find_paths(rooted(parse_patterns(config.deny_read, home), roots), (), roots.project)
    except PolicyError as error:
        click.echo(f"aigate: warning: no permanent access lists: {error.message}", err=True)
        return []
    named = {f"{DENY_READ}{entry.text}": entry.text for entry in config.deny_read}
    hidden = [item for item in found.hidden if item.reason in named]
    return [permanent.Target(item.path, item.directory, named[item.reason]) for item in hidden]


def no_longer_denied(config: Config, home: str, entries: Sequence[str]) -> Callable[[str, str], bool]:
    """Return a test whether an edit that touched these entries has freed a path that was denied for one."""
    parsed = parse_patterns(config.deny_read, home)

    def freed(path: str, entry: str) -> bool:
        parts = components(path)
        roots = find_roots(os.path.dirname(path), home)
        root, patterns = components(roots.project), PatternSet(rooted(parsed, roots))
        taken_back = entry in entries
        for end in range(1, len(parts) + 1):
            place = parts[:end]
            relative = place[len(root) :] if place[: len(root)] == root else None
            decided = patterns.deciding(place, relative or None, end < len(parts) or os.path.isdir(path))
            if decided is not None and not decided.negated:
                return False
            taken_back = taken_back or (decided is not None and decided.entry.text in entries)
        return taken_back

    return freed


def tell(report: permanent.Report, what: str, group: str) -> None:
    """Say what came of it; warnings go to standard error, the first few of them."""
    if report.changed:
        count = len(report.changed)
        click.echo(f"{what} the group {group}: {count} file{'s or folders' if count > 1 else ' or folder'}")
    for warning in report.warnings[:SHOWN_WARNINGS]:
        click.echo(f"aigate: warning: {warning}", err=True)
    if len(report.warnings) > SHOWN_WARNINGS:
        click.echo(f"aigate: warning: ... and {len(report.warnings) - SHOWN_WARNINGS} more like these", err=True)
