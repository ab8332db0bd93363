"""Reads the server names out of what a TLS client sends in clear. Pure; a parser for bytes that an agent chose.

Formats: RFC 8446 (records, ClientHello), RFC 6066 section 3 (server_name). A handshake may be spread over records, and
after a HelloRetryRequest there is a second ClientHello.
"""

from __future__ import annotations

from aigate.network.pieces import Pieces
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CHANGE_CIPHER_SPEC, HANDSHAKE, APPLICATION_DATA = 20, 22, 23
RECORD_HEAD = 5
MESSAGE_HEAD = 4
RECORD_TYPES = range(20, 25)
MAJOR_VERSION = 3
CLIENT_HELLO = 1
SERVER_NAME, EARLY_DATA = 0, 42
MOST_BYTES = 32 << 10


@record
class Hello:
    """What the first bytes are. complete: no more are needed to tell. tls: they open a TLS connection.

    name: the server name that the client asks for, in lower case, or None (also when the bytes are nonsense). early:
    data may follow before the server has answered.
    """

    complete: bool
    tls: bool = True
    name: str | None = None
    early: bool = False


MORE = Hello(complete=False)
OTHER = Hello(complete=True, tls=False)
NAMELESS = Hello(complete=True)


class _Short(Exception):  # noqa: N818  # not an error: more bytes may come
    """The bytes end too early."""


class _Reader:
    """Takes integers and byte strings from the front of some bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, count: int) -> bytes:
        if self._position + count > len(self._data):
            raise _Short
        self._position += count
        return self._data[self._position - count : self._position]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> _Reader:
        """Take what is preceded by its own length in `size` bytes."""
        return _Reader(self.take(self.number(size)))

    def __bool__(self) -> bool:
        return self._position < len(self._data)


def read_hello(data: bytes) -> Hello:
    """Tell what the first bytes of a connection are; `complete` is False while more are needed (at most 32 KiB)."""
    if not data:
        return MORE
    if data[0] != HANDSHAKE:
        return _other_beginning(data)
    try:
        body = _client_hello(_Reader(_handshake(data)))
    except _Short:
        return MORE if len(data) < MOST_BYTES else NAMELESS
    return _read_body(body)


def _other_beginning(data: bytes) -> Hello:
    """Tell apart what servers also take for the beginning of a TLS connection, and what they do not.

    OpenSSL passes over warnings before the ClientHello, and takes one of SSL 2's form (RFC 5246, appendix E.2), which
    has no server name. Neither is what an honest client sends.
    """
    if data[0] in RECORD_TYPES:
        return MORE if len(data) == 1 else NAMELESS if data[1] == MAJOR_VERSION else OTHER
    if not data[0] & 0x80 or data[2:3] not in (b"", b"\x01") or data[3:4] not in (b"", b"\x03"):
        return OTHER
    return NAMELESS if len(data) > 3 else MORE  # noqa: PLR2004


def _client_hello(message: _Reader) -> bytes:
    """Return a ClientHello's body; empty for another message, or one that is too long to be waited for."""
    if message.number(1) != CLIENT_HELLO:
        return b""
    length = message.number(3)
    return message.take(length) if length <= MOST_BYTES else b""


def _handshake(data: bytes) -> bytes:
    """Return the handshake bytes of all records that have arrived, also of the last one if it is cut."""
    found = b""
    position = 0
    while position + 5 <= len(data) and data[position] == HANDSHAKE:
        length = int.from_bytes(data[position + 3 : position + 5], "big")
        found += data[position + 5 : position + 5 + length]
        position += 5 + length
    return found


def _read_body(body: bytes) -> Hello:
    """Read a ClientHello's body; one that is nonsense has no name, and so has one with several lists of names."""
    hello = _Reader(body)
    found: dict[int, _Reader] = {}
    try:
        hello.take(2 + 32)
        hello.vector(1)
        hello.vector(2)
        hello.vector(1)
        extensions = hello.vector(2)
        while extensions:
            kind = extensions.number(2)
            content = extensions.vector(2)
            if kind in found and kind == SERVER_NAME:
                return NAMELESS
            found[kind] = content
        if hello or SERVER_NAME not in found:
            return NAMELESS
        name = _host_name(found[SERVER_NAME].vector(2))
        return NAMELESS if found[SERVER_NAME] else Hello(complete=True, name=name, early=EARLY_DATA in found)
    except _Short:
        return NAMELESS


def _host_name(names: _Reader) -> str | None:
    """Return the only name in the list; several, or a kind that is no host name, are none."""
    kind = names.number(1)
    name = names.vector(2)
    if kind != 0 or names:
        return None
    text = name.take(len(name._data))  # noqa: SLF001
    return text.decode("ascii").lower() if text.isascii() else None


class Hellos(Pieces):
    """What a client sends until everything is encrypted: each ClientHello is judged before it passes.

    judge: called with the server name or None; raises if that must not be. refuse: called with a reason; raises.
    """

    def __init__(self, judge: Callable[[str | None], None], refuse: Callable[[str], None]) -> None:
        """Begin with the first record."""
        super().__init__()
        self._judge, self._refuse = judge, refuse
        self._records = b""
        self._message = b""
        self._first = True
        self._early = False
        self._switched = False

    def feed(self, data: bytes) -> bytes:
        """Take what came and return what may pass."""
        self._held += data
        passed = b""
        left = -1
        while not self.done and self._held and len(self._held) != left:
            left = len(self._held)
            passed += self._part()
        if self.done:
            passed, self._held = passed + self._held, b""
        return passed

    def end(self) -> bytes:
        """Return what may still pass: half a ClientHello names nobody."""
        if self._first or self._message:
            self._judge(None)
        return self._held

    def _unit(self) -> bytes:
        if len(self._held) < RECORD_HEAD:
            return b""
        kind, length = self._held[0], int.from_bytes(self._held[3:5], "big")
        if kind == HANDSHAKE:
            whole = len(self._held) >= RECORD_HEAD + length
            return self._handshake(self._take(RECORD_HEAD + length)) if whole else b""
        if self._first or self._message:
            self._judge(None)
        if kind not in RECORD_TYPES:
            self._refuse("TLS that is not well formed")
        self._switched = self._switched or kind == CHANGE_CIPHER_SPEC
        self.done = kind == APPLICATION_DATA and not self._early
        self._passing = length
        return self._take(RECORD_HEAD)

    def _handshake(self, record: bytes) -> bytes:
        """Judge the hellos that are whole; hold a record back until all that it is part of has been judged."""
        content = record[RECORD_HEAD:]
        if not self._message and not self._first and not self._begins_hello(content):
            self.done = bool(content)
            return record
        self._records += record
        self._message += content
        if len(self._message) > MOST_BYTES:
            self._judge(None)
        while len(self._message) >= MESSAGE_HEAD and not self.done:
            size = MESSAGE_HEAD + int.from_bytes(self._message[1:4], "big")
            if self._message[0] != CLIENT_HELLO:
                self._judge_first_other()
            elif size > MOST_BYTES:
                self._judge(None)
            elif len(self._message) < size:
                return b""
            else:
                self._judge_hello(self._message[MESSAGE_HEAD:size])
                self._message = self._message[size:]
        if self._message and not self.done:
            return b""
        records, self._records = self._records, b""
        return records

    def _begins_hello(self, content: bytes) -> bool:
        """Tell whether a record goes on with another hello. What is encrypted after a switch only rarely looks so."""
        if content[:1] != b"\1":
            return False
        return not self._switched or (content[1:2] in (b"", b"\0") and content[4:5] in (b"", b"\3"))

    def _judge_first_other(self) -> None:
        """Go on without looking when the handshake does, by a message that is no hello; none may come before one."""
        if self._first:
            self._judge(None)
        self.done = True

    def _judge_hello(self, body: bytes) -> None:
        hello = _read_body(body)
        self._judge(hello.name)
        self._first, self._early = False, hello.early
