"""Waits for many descriptors and moments at once (epoll(7), or poll(2)). Owns no descriptor and knows no protocol."""

from __future__ import annotations

import sys
from time import monotonic

from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MILLISECONDS = 1000  # in a second

EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP = 1, 4, 8, 16  # the values of poll.h, which are the same on every system
__all__ = ["EPOLLERR", "EPOLLHUP", "EPOLLIN", "EPOLLOUT", "Loop", "Timer"]


if sys.platform == "linux":
    from select import epoll as Waiting  # noqa: N812
else:
    from aigate.streams.posix import Waiting


class Timer:
    """Something to be called at a moment, unless it is cancelled first."""

    __slots__ = ("call", "moment")

    def __init__(self, moment: float, call: Callable[[], None]) -> None:
        """moment: monotonic clock, seconds."""
        self.moment = moment
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """Never call it."""
        self.call = None

    def __lt__(self, other: Timer) -> bool:
        """Order by moment, for the heap."""
        return self.moment < other.moment


class Loop:
    """Calls back when a descriptor is ready or a moment has come. Not for several threads."""

    def __init__(self) -> None:
        """Start with nothing to wait for."""
        self._epoll = Waiting()
        self._calls: dict[int, Callable[[int], object]] = {}
        self._events: dict[int, int] = {}
        self._timers: list[Timer] = []
        self._running = True

    def watch(self, descriptor: int, call: Callable[[int], object], events: int = EPOLLIN) -> None:
        """Call `call(events)` whenever the descriptor is ready; again for a descriptor: change it."""
        if descriptor not in self._calls:
            self._epoll.register(descriptor, events)
        elif self._events[descriptor] != events:
            self._epoll.modify(descriptor, events)
        self._calls[descriptor], self._events[descriptor] = call, events

    def forget(self, descriptor: int) -> None:
        """Stop watching a descriptor; to be called before it is closed."""
        if self._calls.pop(descriptor, None) is not None:
            with suppress(OSError):  # what is closed next is forgotten with that
                self._epoll.unregister(descriptor)

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call once, after so many seconds."""
        from _heapq import heappush  # heapq itself is a module more

        timer = Timer(monotonic() + seconds, call)
        heappush(self._timers, timer)
        return timer

    def stop(self) -> None:
        """Make `run` return after the calls of this round."""
        self._running = False

    def run(self) -> None:
        """Wait and call until `stop`."""
        while self._running:
            self.turn()

    def turn(self) -> None:
        """Wait once, and call what it was for."""
        for descriptor, events in self._epoll.poll(self.patience() / MILLISECONDS):
            call = self._calls.get(descriptor)
            if call is not None:
                call(events)
        self._call_timers()

    def patience(self) -> int:
        """Return the milliseconds until the next timer; -1 when there is none, as poll(2) has it."""
        if not self._timers:
            return -1
        return max(0, int((self._timers[0].moment - monotonic()) * MILLISECONDS + 1))

    @property
    def descriptor(self) -> int:
        """A descriptor that is readable when something is to be called (epoll(7) can be waited for itself), or -1."""
        return self._epoll.fileno()

    def close(self) -> None:
        """Close that descriptor."""
        self._epoll.close()

    def _call_timers(self) -> None:
        from _heapq import heappop

        now = monotonic()
        while self._timers and (self._timers[0].moment <= now or self._timers[0].call is None):
            call = heappop(self._timers).call
            if call is not None:
                call()
