"""Requests of HTTP/1 (RFC 9112): read strictly, so that no two readers can differ about them, and written anew.

h11 is the parser. What it, or a server behind us, would pass over is refused before: control characters, a CR or LF by
itself, folded lines, a length that is told twice. Judges nothing and holds no socket.
"""

from __future__ import annotations

import re

import h11

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    Field = tuple[bytes, bytes]

MOST_HEAD = 64 << 10
MOST_DIGITS = 18
MAX_PORT = 65535
END = b"\r\n\r\n"
CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
FRAMING = (b"content-length", b"transfer-encoding")
UPGRADE, SWITCHED = b"upgrade", b"HTTP/1.1 101"
CLEAR_HTTP2 = (b"h2c", b"http2-settings")


class MalformedError(ValueError):
    """A request that is no request to a strict reader."""


@record
class Head:
    """A request's head. version: `1.0` or `1.1`. fields: names as they were written, and values, in order.

    length: of the body that follows, in bytes; None where the body is in chunks.
    """

    method: bytes
    target: bytes
    version: bytes
    fields: tuple[Field, ...]
    length: int | None

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of every field of a name, which is given in lower case."""
        return [value for written, value in self.fields if written.lower() == name]

    def without(self, *names: bytes) -> tuple[Field, ...]:
        """Return the fields but those of some names, which are given in lower case."""
        return tuple(field for field in self.fields if field[0].lower() not in names)

    def protocols(self) -> list[bytes]:
        """Return the protocols that it asks to switch to (RFC 9110, section 7.8), in lower case."""
        return [word.strip().lower() for value in self.values(UPGRADE) for word in value.split(b",")]

    def asks_to_switch(self) -> bool:
        """Tell whether it asks for a protocol that may be carried unseen, as WebSocket; HTTP/2 is followed."""
        asked = self.protocols()
        return bool(asked) and CLEAR_HTTP2[0] not in asked


def parse_head(data: bytes) -> tuple[Head, Body]:
    """Read a head, with the empty line at its end, and return it with what reads its body. Raises MalformedError."""
    _check_lines(data)
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD)
    try:
        connection.receive_data(data)
        request = connection.next_event()
    except h11.RemoteProtocolError as error:
        raise MalformedError(str(error)) from None
    if not isinstance(request, h11.Request) or request.http_version not in (b"1.0", b"1.1"):
        raise MalformedError("not a request of HTTP/1")
    fields = tuple(request.headers.raw_items())
    length = _length(request.http_version, fields)
    head = Head(request.method, request.target, request.http_version, fields, length)
    return head, Body(length, connection)


def _check_lines(data: bytes) -> None:
    """Refuse what the parser would let pass. It takes equal lengths for one, and a length beside chunks for none."""
    line, *fields = data.removesuffix(END).split(b"\r\n")
    if CONTROL.search(line) or b"\t" in line:
        raise MalformedError("control characters in the request's line")
    lengths = []
    for field in fields:
        if CONTROL.search(field):
            raise MalformedError("control characters in a field")
        if field[:1] in (b" ", b"\t"):
            raise MalformedError("a folded line")
        name, _, value = field.partition(b":")
        if name.lower() in FRAMING:
            lengths.append(value.strip(b" \t"))
    if len(lengths) > 1 or any(b"," in value for value in lengths):
        raise MalformedError("the length is told twice")


def _length(version: bytes, fields: tuple[Field, ...]) -> int | None:
    """Return the length of the body, which is told once, or not at all."""
    for name, value in fields:
        if name.lower() == FRAMING[0]:
            if len(value) > MOST_DIGITS:
                raise MalformedError("no proper length")
            return int(value)
        if name.lower() == FRAMING[1]:
            if version != b"1.1":
                raise MalformedError("chunks in HTTP/1.0")
            return None
    return 0


def written(method: bytes, target: bytes, version: bytes, fields: tuple[Field, ...]) -> bytes:
    """Return a head as bytes."""
    lines = [b" ".join((method, target, b"HTTP/" + version)), *(name + b": " + value for name, value in fields)]
    return b"\r\n".join(lines) + END


class Body:
    """The body of one request. over: all of it has come. rest: what came behind it."""

    def __init__(self, length: int | None, connection: h11.Connection) -> None:
        """length: bytes; None: in chunks, which the connection reads."""
        self._left = length
        self._connection = connection
        self.over = length == 0
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """Take what came and return what to pass on, chunks written anew. Raises MalformedError."""
        if self._left is not None:
            passed, self.rest = data[: self._left], data[self._left :]
            self._left -= len(passed)
            self.over = self._left == 0
            return passed
        try:
            return self._chunks(data)
        except h11.RemoteProtocolError as error:
            raise MalformedError(str(error)) from None

    def _chunks(self, data: bytes) -> bytes:
        self._connection.receive_data(data)
        passed = b""
        while True:
            event = self._connection.next_event()
            if isinstance(event, h11.Data):
                passed += b"%x\r\n%b\r\n" % (len(event.data), event.data)
            elif isinstance(event, h11.EndOfMessage):
                self.over = True
                self.rest = self._connection.trailing_data[0]
                return passed + b"0\r\n\r\n"
            else:
                return passed


def place(authority: bytes, port: int | None) -> tuple[str, int] | None:
    """Return the host and the port of `host[:port]`, or None. port: where none is written; None: there must be one."""
    if not authority.isascii() or b"@" in authority:
        return None
    host, colon, digits = authority.decode("ascii").rpartition(":")
    if not colon or digits.endswith("]"):
        host, digits = authority.decode("ascii"), str(port or "")
    if not digits.isdigit() or not 0 < int(digits[:6]) <= MAX_PORT:
        return None
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    return (host.removesuffix("."), int(digits)) if host else None


def split_target(target: bytes) -> tuple[bytes, bytes] | None:
    """Return the authority and the path of an absolute target (RFC 9112, section 3.2.2), or None for another form."""
    scheme, mark, rest = target.partition(b"://")
    if not mark or scheme.lower() not in (b"http", b"https"):
        return None
    authority, slash, path = rest.partition(b"/")
    if not slash:
        authority, question, path = authority.partition(b"?")
        path = question + path
    return authority, b"/" + path
