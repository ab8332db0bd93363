"""Patterns that lead through links to directories: what they say of the link's place holds where it leads, too.

`.codex` may be a link to `tools/codex`: whoever writes `tools/codex/config.toml` writes what Codex obeys. The search
follows the links on a way that is written out; this module those that a wildcard takes in, and those on the way to what
does not exist yet. Reads directories and links; decides nothing.
"""

from __future__ import annotations

import os

from aigate.policy.patterns import ANY_DEPTH, Pattern, literal, segment_matcher
from aigate.record import replace
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_LINKS = 200  # of one directory


def with_links(patterns: Sequence[Pattern], project: str, home: str) -> tuple[Pattern, ...]:
    """Return patterns with those that links move elsewhere behind each, so that `!` patterns keep their order.

    project, home: real paths; only what lies there, or is led to from there, counts, and nothing that holds either.
    """
    look = _Look(project, home)
    found: list[Pattern] = []
    for pattern in patterns:
        found.append(pattern)
        if len(pattern.segments) > 1 and pattern.segments[0] != ANY_DEPTH:
            found += dict.fromkeys(look.moved(pattern))
    return tuple(found)


class _Look:
    def __init__(self, project: str, home: str) -> None:
        self._project, self._home = project, home
        plain = tuple(name for name in home.split("/") if name)  # as patterns with ~/ spell it
        self._bases = {plain: home, _spelt(home): home, _spelt(project): project}
        self._listed: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {}
        self._chosen: dict[tuple[str, str], tuple[list[str], list[str]]] = {}

    def moved(self, pattern: Pattern) -> Iterator[Pattern]:
        """Yield what a pattern says of places that links lead to."""
        base, inside = self._start(pattern)
        places = [(base, False)] if base else []
        for number, segment in enumerate(inside[:-1]):
            if segment == ANY_DEPTH or not places:
                return
            rest, places_before = inside[number + 1 :], places
            places = []
            for place, is_moved in places_before:
                links, directories = self._matching(place, segment, last=len(rest) == 1 and not is_moved)
                for target in links:
                    places.append((target, True))
                    yield replace(pattern, segments=(*_spelt(target), *rest), absolute=True)
                places += [(directory, is_moved) for directory in directories]

    def _start(self, pattern: Pattern) -> tuple[str, tuple[str, ...]]:
        """Return the directory that a pattern counts from, "" where that is neither the home nor the project."""
        if not pattern.absolute:
            return self._project, pattern.segments
        for spelt, path in self._bases.items():
            if pattern.segments[: len(spelt)] == spelt:
                return path, pattern.segments[len(spelt) :]
        return "", ()

    def _matching(self, place: str, segment: str, *, last: bool) -> tuple[list[str], list[str]]:
        """Return where the links lead that match in a directory, and the directories. last: these are not wanted."""
        key = place, segment
        if key not in self._chosen:
            links, directories = self._list(place)
            matches = segment_matcher(segment)
            found = dict.fromkeys(target for name, target in links.items() if matches(name))
            self._chosen[key] = list(found), [f"{place}/{name}" for name in directories if matches(name)]
        links_there, directories_there = self._chosen[key]
        return links_there, [] if last else directories_there

    def _list(self, place: str) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return the links to directories, with where they lead, and the names of the directories."""
        if place not in self._listed:
            links: dict[str, str] = {}
            directories: list[str] = []
            with suppress(OSError), os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        target = os.path.realpath(entry.path) if len(links) < MOST_LINKS else ""
                        if target and self._counts(target):
                            links[entry.name] = target
                    elif entry.is_dir(follow_symlinks=False):
                        directories.append(entry.name)
            self._listed[place] = links, tuple(directories)
        return self._listed[place]

    def _counts(self, target: str) -> bool:
        """Tell whether a directory lies in the home or the project, and holds neither."""
        holds = any(_inside(path, target) for path in (self._home, os.path.dirname(self._project)))
        inside = any(_inside(target, path) for path in (self._home, self._project))
        return inside and not holds and os.path.isdir(target)


def _spelt(path: str) -> tuple[str, ...]:
    return tuple(literal(name) for name in path.split("/") if name)


def _inside(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory.rstrip('/')}/")
