"""Links that come to stand where something is hidden, or on the way there: what they lead to is to be hidden, too.

A link cannot be covered by what hides, and needs not: it is followed to a file that has no cover of its own. Reads the
host's links, from this process's working directory on; covers nothing itself.
"""

from __future__ import annotations

import os

from aigate.policy.ways import followed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Led:
    """What one run's hidden places lead to. hidden: those places, and links by which something hidden was found.

    project: what is never hidden as a whole, nor is what holds it.
    """

    def __init__(self, hidden: Iterable[str], project: str) -> None:
        self._project = project
        self._above: set[str] = set()  # directories with hidden places in them
        self._ways: dict[str, str] = {}  # a link that is followed, or where one leads, to the hidden place
        for path in hidden:
            self.add(path)

    def add(self, path: str) -> None:
        """Follow one more place."""
        self._ways[path] = path
        above = os.path.dirname(path)
        while above != "/" and above not in self._above:
            self._above.add(above)
            above = os.path.dirname(above)

    def matters(self, path: str) -> bool:
        """Tell whether something that has come to a path can change where a hidden place leads to."""
        return path in self._ways or path in self._above

    def ends(self, path: str) -> Iterator[str]:
        """Yield where the hidden places lead to that something new at a path is on the way of."""
        below = [each for each in self._ways if each.startswith(f"{path}/")] if path in self._above else []
        for place in below or [self._ways[path]]:
            links, end = followed(place, _read)
            for each in (*links, end):
                self._ways.setdefault(each, place)
            if not f"{self._project}/".startswith(f"{end.rstrip('/')}/"):
                yield end


def _read(path: str) -> str:
    return os.readlink(path.lstrip("/"))
