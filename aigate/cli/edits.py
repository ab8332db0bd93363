"""What `aigate deny` and `aigate allow` share: which file, the diff, the write, and what is said about it."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING

import click

from aigate.cli.colour import of_diff
from aigate.config import cache, edit, files, lists, load, merge, rewrite, tree, trust
from aigate.config.model import Entry, Layer, ProjectFile
from aigate.errors import ConfigError, MissingConfigError, UsageError
from aigate.policy.resolve import home_directory
from aigate.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Decide = Callable[[list[str] | None], lists.Outcome]

CONFIG = click.option(
    "--config", "config_file", metavar="FILE", help="Edit this file instead of ~/.aigate/config.yaml."
)
PROJECT = click.option("--project", is_flag=True, help="Edit the project's .aigate.yaml.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Show the change as a diff and write nothing.")


@record
class Target:
    """The file to edit. explicit: the user named it. project: it is a project's."""

    path: str
    explicit: bool
    project: bool

    @classmethod
    def of(cls, config_file: str | None, *, project: bool) -> Target:
        """Return the file that the options mean. Raises UsageError when they contradict each other."""
        if config_file is not None and project:
            raise UsageError("--config and --project name two files: give one of them")
        if config_file is not None:
            return Target(config_file, True, False)
        home = home_directory()
        if not project:
            return Target(files.global_path(home), False, False)
        here = os.getcwd()
        return Target(files.own_project_file(here, home) or os.path.join(here, files.PROJECT_NAME), False, True)


def apply(target: Target, key: str, decide: Decide, *, dry_run: bool) -> None:
    """Edit one list of one file and tell the user. Raises ConfigError; then the file is as it was."""
    old = _present(target)
    notes: list[str] = []

    def change(data: bytes | None) -> bytes:
        def decided(present: list[str] | None) -> edit.Change | None:
            outcome = decide(present)
            notes[:] = outcome.notes
            return outcome.change

        return edit.edited(data or b"", files.shown(target.path), key, decided, project=target.project)

    if dry_run:
        for line in _diff(old or b"", change(old), target.path).splitlines():
            click.echo(of_diff(line))
        return
    new = b""

    def remembered(data: bytes | None) -> bytes:
        nonlocal old, new
        old, new = data, change(data)
        if target.project:  # before it is there: a run that is going on would take it for an agent's
            trust.record(target.path, cache.digest(new), home=home_directory(), name=trust.WRITTEN)
        return new

    if change(old) != (old or b""):  # a file that stays as it is needs no lock, and need not be made
        mode = 0o666 if target.project else 0o600
        rewrite.rewrite(target.path, remembered, create=target.project, mode=mode, shared=target.project)
    for note in notes:
        click.echo(note)
    if target.project and new:
        _agree_again(target.path, old, new)


def default_entries(key: str, target: Target) -> list[str]:
    """Return what holds when the file leaves the list out: the built-in list, for the user's own file."""
    if target.project or key not in {"deny_write", "deny_env"}:
        return []
    entries: tuple[Entry, ...] = getattr(load.default_layer(None), key) or ()
    return [entry.text for entry in entries]


def check(what: str, entries: Sequence[str]) -> None:
    """Raise UsageError for words that mean nothing in this list, before they get into a file."""
    from aigate.policy.commands import parse_commands
    from aigate.policy.hosts import parse_hosts
    from aigate.policy.patterns import parse_patterns
    from aigate.policy.variables import check_globs

    made = tuple(Entry(entry, "", 0) for entry in entries)
    parsers: dict[str, Callable[[], object]] = {
        "net": lambda: parse_hosts(made),
        "exec": lambda: parse_commands(made),
        "env": lambda: check_globs(made),
        "read": lambda: parse_patterns(made, "/"),
        "write": lambda: parse_patterns(made, "/"),
    }
    if what in parsers:
        lists.checked(what, entries, parsers[what])


def covering(what: str, target: Target) -> Callable[[str, Sequence[str]], str | None]:
    """Return what tells which entry of a list denies one file or variable, None where none of them does.

    For a project's file what the user's own config denies counts, too.
    """
    outer = getattr(global_layer(), lists.KEYS[what]) if target.project else ()

    def find(word: str, held: Sequence[str]) -> str | None:
        from aigate.policy.patterns import is_literal, segment_matcher

        entries = [*(entry.text for entry in outer or ()), *held]
        if word.startswith("!") or not is_literal(word):
            return None
        if what == "env":
            matching = [entry for entry in entries if segment_matcher(entry.removeprefix("!"))(word)]
            return matching[-1] if matching and not matching[-1].startswith("!") else None
        return _denying(word, entries, what) if what in {"read", "write"} else None

    return find


def _denying(path: str, entries: Sequence[str], what: str) -> str | None:
    """Return the pattern that denies a path as it was typed here. Raises ConfigError where no exception would help."""
    denies = _decides(path, entries)
    if denies is not None and _decides(path, [*entries, f"!{path}"]) is not None:
        raise ConfigError(
            f"{path} lies in a directory that {denies} denies as a whole, and an exception inside would mean nothing",
            hint=f"to allow all of it: aigate allow {what} '{denies}'",
        )
    return denies


def _decides(path: str, entries: Sequence[str]) -> str | None:
    from aigate.policy.patterns import PatternSet, parse_patterns
    from aigate.policy.roots import find_roots, rooted
    from aigate.policy.walk import components

    home = os.path.realpath(home_directory())
    here = os.path.realpath(os.getcwd())
    place = os.path.normpath(os.path.join(here, home + path[1:] if path.startswith("~/") else path))
    roots = find_roots(here, home)
    root, parts = components(roots.project), components(place)
    parsed = parse_patterns(tuple(Entry(entry, "", 0) for entry in entries), home)
    inside = parts[: len(root)] == root
    directory = path.endswith("/") or os.path.isdir(place)
    patterns = PatternSet(rooted(parsed, roots))
    for depth in range(1, len(parts) + 1):  # a directory that is denied denies all that lies in it
        relative = parts[len(root) : depth] if inside else None
        found = patterns.deciding(parts[:depth], relative or None, directory or depth < len(parts))
        if found is not None and not found.negated:
            return found.entry.text
    return None


def global_layer() -> Layer:
    """Return the user's own config; an empty one where there is none."""
    try:
        return load.global_layer(None, home_directory())
    except MissingConfigError:
        return Layer("")


def _present(target: Target) -> bytes | None:
    if not target.project:
        return files.read_global(target.path, explicit=target.explicit)
    return files.read_project(target.path) if os.path.lexists(target.path) else None


def _diff(old: bytes, new: bytes, path: str) -> str:
    before, after = (data.decode().splitlines(keepends=True) for data in (old, new))
    shown = files.shown(path)
    lines = difflib.unified_diff(before, after, shown, shown)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _agree_again(path: str, old: bytes | None, new: bytes) -> None:
    """Keep the user's word for a project file across the user's own edit of it: typing the edit was saying yes to it.

    What the file held before must have been agreed to, or must have needed no word.
    """
    home = home_directory()
    base = global_layer()

    def widens(data: bytes) -> bool:
        if tree.says_nothing(data):
            return False
        layer = load.layer_of(data, path, None, project=True)
        return bool(merge.widenings(base, ProjectFile(path, cache.digest(data), layer)))

    was_fine = old is None or not widens(old) or trust.is_trusted(path, cache.digest(old), home=home)
    if not widens(new):
        return
    if was_fine:
        trust.record(path, cache.digest(new), home=home)
    else:
        click.echo(f"{files.shown(path)} widens what your config allows: aigate trust puts that into force")
