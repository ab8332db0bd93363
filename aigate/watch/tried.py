"""Denied programs that the agent has tried to run: the stubs in their place are opened then. Decides nothing.

Who only reads one is told as well: the kernel does not say what it was opened for (inotify(7)).
"""

from __future__ import annotations

import os

from aigate import _events
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

IN_OPEN, IN_ONESHOT = 0x20, 0x80000000


class Tried:
    """places: a path inside that is opened, and the program's. descriptor: ready when one was, each once."""

    def __init__(self, places: Iterable[tuple[str, str]]) -> None:
        self._places = tuple(places)
        self._names: dict[int, str] = {}
        self.descriptor = _events.inotify_open()

    def begin(self) -> None:
        """Watch them. This process's root is the sandbox's by now."""
        for place, program in self._places:
            with suppress(OSError):  # it is not there, or no watch is left: then it is not told
                watch = _events.inotify_watch(self.descriptor, os.fsencode(place), IN_OPEN | IN_ONESHOT)
                self._names[watch] = program

    def report(self, say: Callable[[str, str, str], None]) -> None:
        """Tell of each that was opened."""
        with suppress(BlockingIOError):
            while True:
                for watch, mask, _, _ in _events.inotify_events(self.descriptor):
                    if mask & IN_OPEN and watch in self._names:
                        say("tried", os.path.basename(self._names.pop(watch)), "deny_exec")
