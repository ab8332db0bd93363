"""Patterns that lead through links to directories: what they say of the link's place holds where it leads, too.

`.codex` may be a link to `tools/codex`: whoever writes `tools/codex/config.toml` writes what Codex obeys. The search
follows the links on a way that is written out; this module those that a wildcard takes in, and those on the way to what
does not exist yet. Reads directories and links; decides nothing.
"""

from __future__ import annotations

import os

from aigate._walk import ways_from
from aigate.policy.patterns import ANY_DEPTH, Pattern, is_literal, literal, segment_matcher
from aigate.policy.places import within
from aigate.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Place = tuple[str, bool]  # a directory, and whether a link has led to it

MOST_LINKS = 200  # of one directory


class Linked:
    """The links on the way of patterns. Reads each directory once, however many patterns lead through it.

    project, home: real paths; only what lies there, or is led to from there, counts, and nothing that holds either.
    """

    def __init__(self, project: str, home: str) -> None:
        self._project, self._home = project, home
        plain = tuple(name for name in home.split("/") if name)  # as patterns with ~/ spell it
        self._bases = {plain: home, _spelt(home): home, _spelt(project): project}
        self._listed: dict[str, tuple[dict[str, str], dict[str, str]]] = {}
        self._chosen: dict[tuple[str, str], tuple[list[str], list[str]]] = {}

    def followed(self, patterns: Sequence[Pattern]) -> tuple[Pattern, ...]:
        """Return patterns with those that links move elsewhere behind each, so that `!` patterns keep their order."""
        found: list[Pattern] = []
        for pattern in patterns:
            found.append(pattern)
            if len(pattern.segments) > 1 and pattern.segments[0] != ANY_DEPTH:
                base, inside = self._start(pattern)
                if base and len(inside) > 1:
                    found += dict.fromkeys(self._moved(pattern, base, inside))
        return tuple(found)

    def _start(self, pattern: Pattern) -> tuple[str, tuple[str, ...]]:
        """Return the directory that a pattern counts from, "" where that is neither the home nor the project."""
        if not pattern.absolute:
            return self._project, pattern.segments
        for spelt, path in self._bases.items():
            if pattern.segments[: len(spelt)] == spelt:
                return path, pattern.segments[len(spelt) :]
        return "", ()

    def _moved(self, pattern: Pattern, base: str, inside: tuple[str, ...]) -> Iterator[Pattern]:
        """Yield what a pattern says of places that links lead to."""
        places: list[Place] = [(base, False)]
        last = len(inside) - 2
        for number, segment in enumerate(inside[:-1]):
            if segment == ANY_DEPTH or not places:
                return
            rest, places_before = inside[number + 1 :], places
            places = []
            for place, is_moved in places_before:
                links, directories = self._matching(place, segment)
                for target in links:
                    places.append((target, True))
                    yield replace(pattern, segments=(*_spelt(target), *rest), absolute=True)
                if number < last:
                    places += [(directory, is_moved) for directory in directories]

    def _matching(self, place: str, segment: str) -> tuple[list[str], list[str]]:
        """Return where the links lead that match in a directory, and the directories."""
        key = place, segment
        found = self._chosen.get(key)
        if found is None:
            links, directories = self._list(place)
            if is_literal(segment):
                to = links.get(segment)
                found = [to] if to else [], [directories[segment]] if segment in directories else []
            else:
                matches = segment_matcher(segment)
                targets = dict.fromkeys(target for name, target in links.items() if matches(name))
                found = list(targets), [path for name, path in directories.items() if matches(name)]
            self._chosen[key] = found
        return found

    def _list(self, place: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return the links to directories, with where they lead, and the directories."""
        if place not in self._listed:
            links: dict[str, str] = {}
            names, directories = ways_from(place)
            for name in names:
                target = os.path.realpath(f"{place}/{name}") if len(links) < MOST_LINKS else ""
                if target and self._counts(target):
                    links[name] = target
            self._listed[place] = links, {name: f"{place}/{name}" for name in directories}
        return self._listed[place]

    def _counts(self, target: str) -> bool:
        """Tell whether a directory lies in the home or the project, and holds neither."""
        holds = any(within(path, target) for path in (self._home, os.path.dirname(self._project)))
        inside = any(within(target, path) for path in (self._home, self._project))
        return inside and not holds and os.path.isdir(target)


def _spelt(path: str) -> tuple[str, ...]:
    return tuple(literal(name) for name in path.split("/") if name)
