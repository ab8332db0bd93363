"""Reads the server name out of the first bytes of a TLS connection. Pure; a parser for bytes that an agent chose.

Formats: RFC 8446 (records, ClientHello), RFC 6066 section 3 (server_name). A handshake may be spread over records.
"""

from __future__ import annotations

from aigate.record import record

HANDSHAKE = 22
RECORD_TYPES = range(20, 25)
MAJOR_VERSION = 3
CLIENT_HELLO = 1
SERVER_NAME = 0
MOST_BYTES = 32 << 10


@record
class Hello:
    """What the first bytes are. complete: no more are needed to tell. tls: they open a TLS connection.

    name: the server name that the client asks for, in lower case, or None (also when the bytes are nonsense).
    """

    complete: bool
    tls: bool = True
    name: str | None = None


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
    try:
        return Hello(complete=True, name=_server_name(_Reader(body)))
    except _Short:
        return NAMELESS


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


def _server_name(hello: _Reader) -> str | None:
    hello.take(2 + 32)
    hello.vector(1)
    hello.vector(2)
    hello.vector(1)
    if not hello:
        return None
    extensions = hello.vector(2)
    while extensions:
        kind = extensions.number(2)
        content = extensions.vector(2)
        if kind == SERVER_NAME:
            return _host_name(content.vector(2))
    return None


def _host_name(names: _Reader) -> str | None:
    """Return the only name in the list; several, or a kind that is no host name, are none."""
    kind = names.number(1)
    name = names.vector(2)
    if kind != 0 or names:
        return None
    text = name.take(len(name._data))  # noqa: SLF001
    return text.decode("ascii").lower() if text.isascii() else None
