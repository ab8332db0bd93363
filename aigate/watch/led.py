"""Links by which something covered is found, or that come to stand in its place: what they lead to is to be covered.

A link cannot be covered itself, and needs not be: it is followed to a file that has no cover of its own. Reads the
host's links, from this process's working directory on; covers nothing.
"""

from __future__ import annotations

import os

from aigate.policy.ways import followed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aigate.policy.model import Policy
    from aigate.watch.places import Places

LED, GUARDED = "led", "guarded"


class Leads:
    """What one run's covered places lead to: those that are hidden, and those that are read-only."""

    def __init__(self, places: Places, policy: Policy) -> None:
        links = [item.path for item in policy.protected if item.link]
        self._hidden = Led((*places.hidden, *places.hidden_links(links)), links, policy.project)
        self._guarded = Led(places.protected.difference(links), links, policy.project)

    def add(self, path: str) -> None:
        """Follow one more hidden place."""
        self._hidden.add(path)

    def ends(self, path: str) -> Iterator[tuple[str, str]]:
        """Yield where covered places lead to that something new at a path is on the way of: hidden ones, or guarded."""
        for led, kind in ((self._hidden, LED), (self._guarded, GUARDED)):
            if led.matters(path):
                yield from ((end, kind) for end in set(led.ends(path)))


class Led:
    """Where one run's places lead to. links: all by which something covered was found at the start, inner ones, too.

    project: what is never covered as a whole, nor is what holds it.
    """

    def __init__(self, places: Iterable[str], links: Iterable[str], project: str) -> None:
        self._project = project
        self._above: set[str] = set()  # directories, and links to some, with places in them
        self._ways: dict[str, set[str]] = {}  # a link that is followed, or where one leads, to places
        places = tuple(places)
        for path in places:
            self.add(path)
        within = frozenset(self._above)
        for link in links:
            self._add_link(link, places, within)

    def add(self, path: str) -> None:
        """Follow one more place."""
        self._ways.setdefault(path, set()).add(path)
        above = os.path.dirname(path)
        while above != "/" and above not in self._above:
            self._above.add(above)
            above = os.path.dirname(above)

    def _add_link(self, link: str, places: tuple[str, ...], within: frozenset[str]) -> None:
        """Follow a link to a place, to something in one, or to what holds some: they have other names by way of it."""
        end = followed(link, _read)[1]
        if end in self._ways or any(end.startswith(f"{place}/") for place in places):
            self.add(link)
        elif end in within:
            for place in places:
                if place.startswith(f"{end}/"):
                    self.add(f"{link}{place[len(end) :]}")

    def matters(self, path: str) -> bool:
        """Tell whether something that has come to a path can change where a place leads to."""
        return path in self._ways or path in self._above

    def ends(self, path: str) -> Iterator[str]:
        """Yield where the places lead to that something new at a path is on the way of."""
        places = set(self._ways.get(path, ()))
        if path in self._above:
            places.update(*(found for each, found in self._ways.items() if each.startswith(f"{path}/")))
        for place in sorted(places):
            links, end = followed(place, _read)
            for each in (*links, end):
                self._ways.setdefault(each, set()).add(place)
            if not f"{self._project}/".startswith(f"{end.rstrip('/')}/"):
                yield end


def _read(path: str) -> str:
    return os.readlink(path.lstrip("/"))
