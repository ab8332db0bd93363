"""Connects on the host, by name. Owns the attempt; the judge says which of a name's addresses may be tried.

The name is resolved again for every connection, and judged again: what it led to when it was asked for does not count.
"""

from __future__ import annotations

from errno import EINPROGRESS
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SO_ERROR, SOCK_STREAM, SOL_SOCKET, TCP_NODELAY, socket

from aigate.loop import EPOLLOUT
from aigate.network.addresses import family_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.loop import Loop, Timer
    from aigate.network.judge import Judge
    from aigate.network.upstream import Answer, Upstream

TRY_SECONDS = 5.0


class Dial:
    """One attempt to reach a name or an address; `done` gets the connected socket, or None."""

    def __init__(self, loop: Loop, judge: Judge, upstream: Upstream, done: Callable[[socket | None], None]) -> None:
        """Do nothing yet."""
        self._loop = loop
        self._judge = judge
        self._upstream = upstream
        self._done = done
        self._left: list[bytes] = []
        self._port = 0
        self._socket: socket | None = None
        self._timer: Timer | None = None

    def name(self, name: str, port: int) -> None:
        """Try a name's IPv4 addresses, then its IPv6 ones."""
        self._port = port

        def both(first: Answer, second: Answer) -> None:
            for answer in (first, second):
                fit = (a for a in answer.addresses if answer.trusted or self._judge.may_lead_to(a))
                self._left += [address for address in fit if not is_here(address)]
            self._try_next()

        self._upstream.resolve(
            name, AF_INET, lambda first: self._upstream.resolve(name, AF_INET6, lambda second: both(first, second))
        )

    def address(self, address: bytes, port: int) -> None:
        """Try one packed address."""
        self._port = port
        self._left = [] if is_here(address) else [address]
        self._try_next()

    def _try_next(self) -> None:
        if not self._left:
            self._done(None)
            return
        address = self._left.pop(0)
        try:
            self._socket = socket(family_of(address), SOCK_STREAM)
            self._socket.setblocking(False)
            number = self._socket.connect_ex((text_of(address), self._port))
        except OSError:
            self._fail()
            return
        if number not in (0, EINPROGRESS):
            self._fail()
            return
        self._timer = self._loop.later(TRY_SECONDS, self._fail)
        self._loop.watch(self._socket.fileno(), self._connected, EPOLLOUT)

    def _connected(self, _events: int) -> None:
        assert self._socket is not None  # noqa: S101
        if self._socket.getsockopt(SOL_SOCKET, SO_ERROR):
            self._fail()
            return
        made, self._socket = self._socket, None
        self._stop(made)
        made.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self._done(made)

    def _fail(self) -> None:
        if self._socket is not None:
            self._stop(self._socket)
            self._socket.close()
            self._socket = None
        self._try_next()

    def _stop(self, attempt: socket) -> None:
        self._loop.forget(attempt.fileno())
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def is_here(address: bytes) -> bool:
    """Tell whether an address means this host's own loopback, which nothing inside may reach, whatever is allowed."""
    if len(address) == 4:  # noqa: PLR2004
        return address[0] in (0, 127)
    return address[:12] in (bytes(12), bytes(10) + b"\xff\xff")
