"""What a program says first on a connection to a host that it reached by name: it must mean that host.

TLS tells by its server name, HTTP by Host, :authority or an absolute target, and each request again. What shows neither
is carried unseen. An inspector takes what came and returns what may pass; it owns no socket.
"""

from __future__ import annotations

import re

from aigate.network.tls import Hellos, read_hello

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from aigate.network.http1 import Body, Head

    class Inspector(Protocol):
        """done: what comes from now on needs no look. over: nothing more may pass, though the answer may still come.

        waiting: whether to go on is for the answer's first bytes to tell (see `Requests.answered`).
        """

        done: bool
        over: bool
        waiting: bool

        def feed(self, data: bytes) -> bytes:
            """Take what came and return what may pass."""

        def end(self) -> bytes:
            """Return what may still pass when nothing more will come."""

        def answered(self, beginning: bytes) -> bytes:
            """Take the answer's first bytes, where it waited for them, and return what may pass."""


MOST_LINE = 64 << 10
METHODS = (
    *(b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"CONNECT", b"OPTIONS", b"TRACE", b"PATCH", b"QUERY", b"PRI"),
    *(b"PROPFIND", b"PROPPATCH", b"MKCOL", b"COPY", b"MOVE", b"LOCK", b"UNLOCK", b"REPORT", b"SEARCH", b"MERGE"),
)
TOKEN = frozenset(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
TAIL = 64
HANDSHAKE_BYTE = b"\x16"
VERSION = re.compile(rb"[ \t]HTTP/[0-9][0-9.]*[ \t]*\r?$")
BARE_END = re.compile(rb"(?<!\r)\n")
ABSOLUTE = re.compile(rb"[ \t]*[A-Z]+[ \t]+https?://", re.IGNORECASE)


class Refused(OSError):  # noqa: N818  # it ends the connection as any broken one ends
    """What a connection must not carry."""


class Opening:
    """Looks at a connection's first bytes, and then as what they turn out to be."""

    done = over = waiting = False

    def __init__(self, judge: Callable[[str, str | None], None], refuse: Callable[[str], None], name: str) -> None:
        """judge: called with `TLS` or `HTTP` and the name that is shown; raises Refused if it is another than `name`.

        refuse: called with a reason for what is nonsense; raises Refused.
        """
        self._judge, self._refuse, self._name = judge, refuse, name
        self._inner: Inspector | None = None
        self._held = b""
        self._tail: bytes | None = None  # of a line that has passed already: only its end can show that it was HTTP

    def feed(self, data: bytes) -> bytes:
        """Take what came and return what may pass. Raises Refused."""
        if self._inner is None:
            self._held += data
            if self._tail is not None:
                return self._follow()
            self._inner = self._recognised()
            if self._inner is None:
                return self._undecided()
            data, self._held = self._held, b""
        passed = self._inner.feed(data)
        self.done, self.waiting = self._inner.done, self._inner.waiting
        return passed

    def end(self) -> bytes:
        """Return what may still pass when nothing more will come. Raises Refused."""
        return self._held if self._inner is None else self._inner.end()

    def answered(self, beginning: bytes) -> bytes:
        """See `Requests.answered`."""
        assert self._inner is not None  # noqa: S101
        passed = self._inner.answered(beginning)
        self.done, self.waiting = self._inner.done, self._inner.waiting
        return passed

    def _recognised(self) -> Inspector | None:
        hello = read_hello(self._held)
        if self._held[:1] == HANDSHAKE_BYTE or (hello.complete and hello.tls):
            return Hellos(lambda name: self._judge("TLS", name), self._refuse)
        if not hello.complete:
            return None
        line, ended, _ = self._held.lstrip(b"\r\n").partition(b"\n")
        if not ended or not VERSION.search(line):
            return None
        if line.startswith(b"PRI * HTTP/2"):
            from aigate.network.http2 import Frames

            return Frames(self._judge_authority, self._refuse)
        return Requests(self._judge_authority, self._refuse, self._name)

    def _judge_authority(self, authority: bytes | None) -> None:
        from aigate.network.http1 import place

        found = None if authority is None else place(authority, 80)
        shown = None if authority is None else authority.decode("latin-1")
        self._judge("HTTP", shown if found is None else found[0])

    def _undecided(self) -> bytes:
        """Return what may pass before the first line is whole: all, unless it begins as requests do, or as TLS may."""
        if not read_hello(self._held).complete:
            return b""
        start = self._held.lstrip(b"\r\n")
        if len(start) < len(self._held):  # servers pass over empty lines
            empty, self._held = self._held[: len(self._held) - len(start)], start
            return empty + (self._undecided() if start else b"")
        line, ended, _ = start.partition(b"\n")
        if ended and ABSOLUTE.match(line):
            self._refuse("HTTP that is not well formed")
        word, space, _ = start.partition(b" ")
        if ended or not TOKEN.issuperset(word):
            return self._pass_all(done=True)
        if word in METHODS if space else any(method.startswith(word) for method in METHODS):
            if len(start) > MOST_LINE:
                self._refuse("HTTP that is not well formed")
            return b""
        self._tail = b""
        return self._follow()

    def _follow(self) -> bytes:
        """Pass on a line that begins as no request does; one that ends as a request does was one in disguise."""
        assert self._tail is not None  # noqa: S101
        line, ended, _ = self._held.partition(b"\n")
        self._tail = (self._tail + line)[-TAIL:]
        if ended and VERSION.search(self._tail):
            self._refuse("HTTP that is not well formed")
        return self._pass_all(done=bool(ended))

    def _pass_all(self, *, done: bool) -> bytes:
        self.done = done
        passed, self._held = self._held, b""
        return passed


class Requests:
    """What a client sends on a connection of HTTP/1: each request must name the host, and is written anew."""

    done = over = waiting = False

    def __init__(self, judge: Callable[[bytes | None], None], refuse: Callable[[str], None], name: str) -> None:
        """judge, refuse: as for `http2.Frames`. name: the host, for a request that names none."""
        self._judge, self._refuse, self._name = judge, refuse, name
        self._held = b""
        self._body: Body | None = None
        self._count = 0
        self._asks_to_switch = False

    def feed(self, data: bytes) -> bytes:
        """Take what came and return what may pass. Raises Refused."""
        from aigate.network.http1 import MalformedError

        self._held += data
        passed = b""
        try:
            while not self.waiting and (part := self._part()):
                passed += part
        except MalformedError:
            self._refuse("HTTP that is not well formed")
        return passed

    def end(self) -> bytes:
        """Return what may still pass: half a request is of no use to anybody."""
        return b""

    def answered(self, beginning: bytes) -> bytes:
        """Go on when the answer's first bytes are there: after a switch to another protocol nothing needs a look."""
        from aigate.network.http1 import SWITCHED

        self.waiting = False
        self.done = beginning.startswith(SWITCHED)
        held, self._held = self._held, b""
        return held if self.done else self.feed(held)

    def _part(self) -> bytes:
        """Take a head, or a piece of a body; empty when more must come first."""
        from aigate.network.http1 import END, MOST_HEAD, parse_head

        if self._body is None:
            self._held = self._held.lstrip(b"\r\n")
            head, end, rest = self._held.partition(END)
            if BARE_END.search(head):
                self._refuse("HTTP that is not well formed")
            if not end:
                if len(self._held) > MOST_HEAD:
                    self._refuse("HTTP that is not well formed")
                return b""
            request, self._body = parse_head(head + end)
            self._held = rest
            passed = self._written(request)
        else:
            data, self._held = self._held, b""
            passed = self._body.feed(data) if data else b""
            self._held = self._body.rest
        if self._body.over:
            self._body = None
            self.waiting = self._asks_to_switch
        return passed

    def _written(self, request: Head) -> bytes:
        from aigate.network.http1 import split_target, written

        absolute = split_target(request.target)
        if absolute is not None:
            self._judge(absolute[0])
        elif request.method == b"CONNECT":
            self._judge(request.target)
        elif request.target[:1] not in (b"/", b"*"):
            self._refuse("HTTP that is not well formed")
        hosts = request.values(b"host")
        for host in hosts:
            self._judge(host)
        fields = self._fields(request)
        if not hosts:
            fields = ((b"Host", self._name.encode("ascii")), *fields)
        self._count += 1
        return written(request.method, request.target, request.version, fields)

    def _fields(self, request: Head) -> tuple[tuple[bytes, bytes], ...]:
        """Return what passes of the fields; only a first request may switch, and not to HTTP/2, which is for the start.

        Of a later one it could not be told which answer is its own.
        """
        from aigate.network.http1 import CLEAR_HTTP2, UPGRADE

        self._asks_to_switch = request.asks_to_switch() and self._count == 0
        if not request.protocols() or self._asks_to_switch:
            return request.fields
        kept = request.without(UPGRADE, *CLEAR_HTTP2)
        return tuple((name, value) for name, value in kept if name.lower() != b"connection")


class One:
    """The body of a single request, whose head has passed; what comes behind it goes nowhere, but to a new protocol."""

    def __init__(self, body: Body, refuse: Callable[[str], None], *, switches: bool) -> None:
        """refuse: called with a reason for what is no body; raises Refused. switches: to another protocol if it may."""
        self._body, self._refuse, self._switches = body, refuse, switches
        self.done = False
        self._look()

    def _look(self) -> None:
        self.waiting = self._body.over and self._switches
        self.over = self._body.over and not self._switches

    def feed(self, data: bytes) -> bytes:
        """Take what came and return what may pass. Raises Refused."""
        from aigate.network.http1 import MalformedError

        try:
            passed = self._body.feed(data)
        except MalformedError:
            self._refuse("HTTP that is not well formed")
            return b""
        self._look()
        return passed

    def end(self) -> bytes:
        """Return what may still pass."""
        return b""

    def answered(self, beginning: bytes) -> bytes:
        """Go on when the answer's first bytes are there: what follows is carried unseen, or goes nowhere."""
        from aigate.network.http1 import SWITCHED

        self._switches, self.done = False, beginning.startswith(SWITCHED)
        self.waiting, self.over = False, not self.done
        return b""
