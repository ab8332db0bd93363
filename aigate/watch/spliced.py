"""Hidden directories of a layered home that somebody outside renames, or the directories above them.

An overlay goes on showing the old directory under the old name, with the cover on it, until somebody looks up the new
name: then the kernel gives that the very entry that stands under the old one, cover and all, and looks the old name up
anew. Nobody is told. So from the first such rename on the covers are looked at again and again. Covers nothing itself.
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

PAUSE_SECONDS = 0.05


class Spliced:
    """The hidden places of one run that are seen through an overlay. They are paths."""

    def __init__(self, places: Iterable[str]) -> None:
        self._places = sorted(places)
        self._next: float | None = None  # when they are to be looked at

    def noticed(self, path: str) -> None:
        """Take note that a directory has come to a path, or has gone."""
        if any(place == path or place.startswith(f"{path}/") for place in self._places):
            self._next = 0.0

    def pause(self, other: int | None) -> int | None:
        """Return how many milliseconds may pass before `due` is to be asked. other: what somebody else says."""
        if self._next is None:
            return other
        left = max(int(1000 * (self._next - time.monotonic())) + 1, 0)
        return left if other is None else min(left, other)

    def due(self) -> list[str]:
        """Return the places that are to be looked at now."""
        now = time.monotonic()
        if self._next is None or now < self._next:
            return []
        self._next = now + PAUSE_SECONDS
        return self._places
