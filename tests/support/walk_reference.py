"""The search of a project in plain Python: the oracle of the native one (aigate/native/walk).

It asks every pattern about every path and follows what they mean word by word. Depth is limited by Python's stack.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from patterns_reference import ReferenceSet

from aigate.policy.patterns import ANY_DEPTH, Pattern, is_literal
from aigate.policy.walk import DENY_READ, components

Components = tuple[str, ...]
Closed = Callable[[str], object]


@dataclass
class What:
    """What is to be hidden at a real path. reasons: every one there is."""

    directory: bool
    identity: tuple[int, int]
    reasons: set[str] = field(default_factory=set)
    anchored: bool = False


@dataclass
class Reference:
    """One search; run() does it. hidden and protected: by real path, nested ones of `hidden` left out."""

    hiding_patterns: Sequence[Pattern]
    protecting_patterns: Sequence[Pattern]
    project: str
    hidden: dict[str, What] = field(default_factory=dict)
    protected: set[str] = field(default_factory=set)
    sockets: set[str] = field(default_factory=set)
    repositories: set[tuple[str, str]] = field(default_factory=set)
    links: set[tuple[str, str]] = field(default_factory=set)
    impossible: bool = False

    def run(self) -> Reference:
        self.hiding = ReferenceSet(self.hiding_patterns)
        self.protecting = ReferenceSet(self.protecting_patterns)
        self.root = components(self.project)
        self.project_tree()
        self.absolute_patterns(self.hiding, self.hide)
        self.absolute_patterns(self.protecting, self.protect)
        if not self.impossible:
            self.hard_links()
        kept: list[str] = []
        for path in sorted(self.hidden, key=components):
            if not (kept and self.hidden[kept[-1]].directory and inside(path, kept[-1])):
                kept.append(path)
        self.hidden = {path: self.hidden[path] for path in kept}
        return self

    def project_tree(self) -> None:
        self.followed: set[object] = set()
        self.pending: list[tuple[str, Components]] = [(self.project, ())]
        while self.pending:
            directory, relative = self.pending.pop()
            entries = listed(directory)
            bare = {"HEAD", "objects", "refs"} <= {entry.name for entry in entries}
            if bare and os.path.basename(directory) != ".git":
                self.repositories.add((directory, "bare"))
            for entry in entries:
                path = (*relative, entry.name)
                self.note(entry)
                if not self.denied(entry, path) and is_dir(entry):
                    self.descend(entry, path)

    def note(self, entry: os.DirEntry[str]) -> None:
        if stat.S_ISSOCK(entry.stat(follow_symlinks=False).st_mode):
            self.sockets.add(entry.path)
        if entry.name == ".git":
            kind = "directory" if entry.is_dir(follow_symlinks=False) else "file"
            self.repositories.add((entry.path, kind))

    def denied(self, entry: os.DirEntry[str], path: Components) -> bool:
        """Hide or protect an entry as the patterns say; tell whether it is hidden."""
        absolute, is_directory = (*self.root, *path), is_dir(entry)
        pattern = self.hiding.deciding(absolute, path, is_directory)
        if pattern is not None and not pattern.negated:
            anchored = has_place(pattern) or self.taken_back_elsewhere(pattern, entry.name)
            self.hide(entry.path, is_directory, f"{DENY_READ}{pattern.entry.text}", anchored=anchored)
            return True
        pattern = self.protecting.deciding(absolute, path, is_directory)
        names_repository = entry.name == ".git" and not is_directory and bool(self.protecting.patterns)
        if names_repository or (pattern is not None and not pattern.negated):
            self.protect(entry.path, is_directory, "")
        return False

    def descend(self, entry: os.DirEntry[str], path: Components) -> None:
        if not entry.is_symlink():
            self.pending.append((entry.path, path))
            return
        target = os.path.realpath(entry.path)
        if inside(target, self.project) or inside(self.project, target):
            return
        self.links.add((entry.path, target))
        waiting = self.waiting(path)
        if self.can_match(waiting) and (target, waiting) not in self.followed:
            self.followed.add((target, waiting))
            self.pending.append((target, path))

    def taken_back_elsewhere(self, pattern: Pattern, name: str) -> bool:
        behind = self.hiding.patterns[self.hiding.patterns.index(pattern) + 1 :]
        lasts = [other.segments[-1] for other in behind if other.negated and has_place(other)]
        return any(last == ANY_DEPTH or self.hiding.matcher(last)(name) for last in lasts)

    def can_match(self, waiting: frozenset[tuple[int, int, int]]) -> bool:
        """Tell whether a pattern waits behind which none takes everything back."""
        for number, patterns in enumerate((self.hiding.patterns, self.protecting.patterns)):
            here = [(index, place) for which, index, place in waiting if which == number]
            cut = max((index for index, place in here if takes_everything(patterns[index], place)), default=-1)
            if any(index > cut and not patterns[index].negated for index, _ in here):
                return True
        return False

    def waiting(self, path: Components) -> frozenset[tuple[int, int, int]]:
        """Return which places in which patterns wait for what lies below a path of the project."""
        return frozenset(
            (number, index, place)
            for number, patterns in enumerate((self.hiding, self.protecting))
            for index, pattern in enumerate(patterns.patterns)
            for place in places(patterns, pattern.segments, (*self.root, *path) if pattern.absolute else path)
        )

    def absolute_patterns(self, patterns: ReferenceSet, act: Callable[..., None]) -> None:
        for pattern in patterns.patterns:
            if not pattern.absolute or pattern.negated:
                continue
            for path in self.expand(patterns, "/", pattern.segments):
                parts = components(path)
                decided = self.decided(patterns, parts, os.path.isdir(path))
                if decided is not None:
                    new = os.path.realpath(path) not in self.hidden
                    act(path, os.path.isdir(path), f"{DENY_READ}{decided.entry.text}", anchored=new)

    def decided(self, patterns: ReferenceSet, parts: Components, directory: bool) -> Pattern | None:
        relative = parts[len(self.root) :] if parts[: len(self.root)] == self.root else None
        found = patterns.deciding(parts, relative or None, directory)
        return None if found is None or found.negated else found

    def expand(self, patterns: ReferenceSet, base: str, segments: Components) -> Iterator[str]:
        head, rest = segments[0], segments[1:]
        if head == ANY_DEPTH:
            for directory, subdirectories, files in os.walk(base):
                if rest:
                    yield from self.expand(patterns, directory, rest)
                    continue
                yield from (os.path.join(directory, name) for name in (*subdirectories, *files))
                subdirectories[:] = [
                    name for name in subdirectories if not self.covers(patterns, os.path.join(directory, name))
                ]
            return
        for name in [head] if is_literal(head) else filter(patterns.matcher(head), names(base)):
            path = os.path.join(base, name)
            if os.path.lexists(path):
                if rest:
                    yield from self.expand(patterns, path, rest)
                else:
                    yield path

    def covers(self, patterns: ReferenceSet, path: str) -> bool:
        """Tell whether a directory is taken as a whole. What the project lies in cannot be protected so."""
        if patterns is self.protecting and inside(self.project, path):
            return False
        return self.decided(patterns, components(path), directory=True) is not None

    def hide(self, path: str, directory: bool, reason: str, *, anchored: bool = True) -> None:
        real = os.path.realpath(path)
        if inside(self.project, real):
            self.impossible = True
            return
        if os.path.islink(real):  # it leads back to itself, so there is nothing
            return
        try:
            status = os.lstat(real)
        except OSError:
            return
        what = self.hidden.setdefault(real, What(directory, (status.st_dev, status.st_ino)))
        what.reasons.add(reason)
        what.anchored = what.anchored or anchored or real != path

    def protect(self, path: str, directory: bool, reason: str, *, anchored: bool = True) -> None:
        del directory, reason, anchored
        real = os.path.realpath(path)
        if os.path.exists(real) and not inside(self.project, real):
            self.protected.add(real)

    def hard_links(self) -> None:
        wanted: dict[tuple[int, int], str] = {}
        for path, what in self.hidden.items():
            for file in files_of(path, what.directory):
                status = os.lstat(file)
                if stat.S_ISREG(status.st_mode):
                    for reason in what.reasons:
                        wanted[(status.st_dev, status.st_ino)] = reason
        for directory, _, files in os.walk(self.project):
            for name in files:
                path = os.path.join(directory, name)
                status = os.lstat(path)
                reason = wanted.get((status.st_dev, status.st_ino))
                if reason is not None and stat.S_ISREG(status.st_mode) and path not in self.hidden:
                    self.hide(path, False, reason)


def places(patterns: ReferenceSet, segments: Components, path: Components) -> set[int]:
    """Return the segments that wait for the component that follows a path."""
    here = reached(segments, {0})
    for name in path:
        stay = {at for at in here if segments[at] == ANY_DEPTH}
        passed = {
            at + 1
            for at in here
            if segments[at] != ANY_DEPTH and at + 1 < len(segments) and patterns.matcher(segments[at])(name)
        }
        here = reached(segments, stay | passed)
    return here


def reached(segments: Components, at: set[int]) -> set[int]:
    found: set[int] = set()
    for place in at:
        end = place
        while segments[end] == ANY_DEPTH and end + 1 < len(segments):
            end += 1
        found.update(range(place, end + 1))
    return found


def takes_everything(pattern: Pattern, place: int) -> bool:
    everything = place == len(pattern.segments) - 1 and pattern.segments[place] == ANY_DEPTH
    return everything and pattern.negated and not pattern.directory_only


def has_place(pattern: Pattern) -> bool:
    return pattern.segments[:-1] != (ANY_DEPTH,)


def inside(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def listed(directory: str) -> list[os.DirEntry[str]]:
    with os.scandir(directory) as entries:
        return list(entries)


def names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def files_of(path: str, directory: bool) -> Iterator[str]:
    if not directory:
        yield path
    for place, _, files in os.walk(path) if directory else ():
        yield from (os.path.join(place, name) for name in files)
