"""Connects on the host, by name. Owns the attempt; the judge says which of a name's addresses may be tried.

The name is resolved again for every connection, and judged again: what it led to when it was asked for does not count.
Where the host is behind a proxy of its own, that is connected to, and asked to go on to the name or the address.
"""

from __future__ import annotations

from errno import EINPROGRESS
from socket import (
    AF_INET,
    AF_INET6,
    IPPROTO_TCP,
    MSG_PEEK,
    SO_ERROR,
    SO_RCVLOWAT,
    SOCK_STREAM,
    SOL_SOCKET,
    TCP_NODELAY,
    socket,
)

from aigate.network.addresses import family_of, is_loopback, text_of
from aigate.network.chain import MOST_HEAD, connect_request, read_reply
from aigate.network.hostfiles import pack_address
from aigate.streams.loop import EPOLLIN, EPOLLOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.network.chain import Chain
    from aigate.network.judge import Judge
    from aigate.network.upstream import Answer, Upstream
    from aigate.streams.loop import Loop, Timer

LOOPBACK_ADDRESSES = (bytes((127, 0, 0, 1)), bytes(15) + b"\1")
TRY_SECONDS = 5.0
CHAIN_SECONDS = 30.0  # the proxy outside has to connect, too


class Attempt:
    """Tries addresses in turn; `done` gets the connected socket, or None."""

    def __init__(
        self, loop: Loop, done: Callable[[socket | None], None], make: Callable[[int], socket] | None = None
    ) -> None:
        """Do nothing yet. make: makes a socket of a family, where it is not to be one of this process's network."""
        self._loop = loop
        self._done = done
        self._make = make or _make
        self._left: list[bytes] = []
        self._port = 0
        self._socket: socket | None = None
        self._timer: Timer | None = None

    def loopback(self, port: int) -> None:
        """Try a port of loopback, in both families."""
        self._port = port
        self._left = list(LOOPBACK_ADDRESSES)
        self._try_next()

    def _try_next(self) -> None:
        if not self._left:
            self._done(None)
            return
        address = self._left.pop(0)
        try:
            self._socket = self._make(family_of(address))
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
        self._stop(self._socket)
        self._socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self._reached(self._socket)

    def _reached(self, _made: socket) -> None:
        self._finish()

    def _finish(self) -> None:
        made, self._socket = self._socket, None
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


def _make(family: int) -> socket:
    return socket(family, SOCK_STREAM)


class Dial(Attempt):
    """One attempt to reach a name or an address, straight or through a proxy outside."""

    def __init__(
        self,
        loop: Loop,
        judge: Judge,
        upstream: Upstream,
        done: Callable[[socket | None], None],
        refused: Callable[[bytes], None],
    ) -> None:
        """Do nothing yet. refused: called in place of `done` where a name leads to nothing else, with an address."""
        super().__init__(loop, done)
        self._refused = refused
        self._judge = judge
        self._upstream = upstream
        self._request = b""

    def name(self, name: str, port: int) -> None:
        """Try a name's IPv4 addresses, then its IPv6 ones."""
        self._port = port

        astray: list[bytes] = []

        def fit(answer: Answer) -> list[bytes]:
            found = [a for a in answer.addresses if self._judge.may_lead_to(a, trusted=answer.trusted)]
            for address in dict.fromkeys(answer.addresses):
                if address not in found:
                    self._judge.refuse_answer(name, address)
                    astray.append(address)
            return found

        def nowhere() -> None:
            if astray:
                self._refused(astray[0])
            else:
                self._done(None)

        self._resolve(name, fit, nowhere)

    def through(self, chain: Chain, target: str | bytes, port: int, *, tunnel: bool) -> None:
        """Connect to the proxy outside, wherever that is; ask it for a tunnel to a name or a packed address."""
        self._port = chain.port
        shown = target if isinstance(target, str) else text_of(target)
        self._request = connect_request(chain, shown, port) if tunnel else b""
        address = pack_address(chain.host)
        if address is None:
            self._resolve(chain.host.lower(), lambda answer: list(answer.addresses), lambda: self._done(None))
        else:
            self._left = [address]
            self._try_next()

    def _resolve(self, name: str, fit: Callable[[Answer], list[bytes]], nowhere: Callable[[], None]) -> None:
        def both(first: Answer, second: Answer) -> None:
            self._left = fit(first) + fit(second)
            if self._left:
                self._try_next()
            else:
                nowhere()

        self._upstream.resolve(
            name, AF_INET, lambda first: self._upstream.resolve(name, AF_INET6, lambda second: both(first, second))
        )

    def address(self, address: bytes, port: int) -> None:
        """Try one packed address."""
        self._port = port
        self._left = [] if is_loopback(address) else [address]
        self._try_next()

    def _reached(self, made: socket) -> None:
        if self._request:
            self._ask_proxy(made)
        else:
            self._finish()

    def _ask_proxy(self, proxy: socket) -> None:
        try:
            sent = proxy.send(self._request)
        except OSError:
            sent = 0
        if sent != len(self._request):  # a fresh connection takes this much, or is broken
            self._fail()
            return
        self._timer = self._loop.later(CHAIN_SECONDS, self._fail)
        self._loop.watch(proxy.fileno(), self._proxy_says, EPOLLIN)

    def _proxy_says(self, _events: int) -> None:
        assert self._socket is not None  # noqa: S101
        try:
            seen = self._socket.recv(MOST_HEAD, MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            seen = b""
        reply = read_reply(seen) if seen else (0, False)
        if reply is None:
            self._socket.setsockopt(SOL_SOCKET, SO_RCVLOWAT, len(seen) + 1)
            return
        length, granted = reply
        if not granted:
            self._left = []  # it has answered: no other address of it would say anything else
            self._fail()
            return
        self._socket.setsockopt(SOL_SOCKET, SO_RCVLOWAT, 1)
        self._socket.recv(length)
        self._stop(self._socket)
        self._finish()
