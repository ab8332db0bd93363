"""Requests of HTTP/2 that is spoken in clear (RFC 9113), as far as they name a host. Changes nothing of what passes.

hpack reads the fields. Frames that hold fields wait until a block is whole and judged; all others pass as they come.
"""

from __future__ import annotations

from hpack import Decoder, HPACKError

from aigate.network.pieces import Pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, PUSH_PROMISE, CONTINUATION = 1, 5, 9
END_HEADERS, PADDED, PRIORITY = 0x4, 0x8, 0x20
FRAME_HEAD = 9
MOST_BLOCK = 256 << 10
MOST_TABLE = 1 << 20  # what a server may have offered in its settings; the client says in the block what it uses


class Frames(Pieces):
    """What a client sends on one connection.

    judge: called with what a request names as its host, before it passes; raises if that must not be.
    refuse: called with a reason for what is no HTTP/2; raises.
    """

    def __init__(self, judge: Callable[[bytes | None], None], refuse: Callable[[str], None]) -> None:
        """Begin with the preface."""
        super().__init__()
        self._judge, self._refuse = judge, refuse
        self._decoder = Decoder(max_header_list_size=MOST_BLOCK)
        self._decoder.max_allowed_table_size = MOST_TABLE
        self._begun = False
        self._last = 0
        self._stream = 0
        self._block = b""
        self._frames = b""

    def feed(self, data: bytes) -> bytes:
        """Take what came and return what may pass."""
        self._held += data
        passed = self._preface()
        while self._begun and (part := self._part()):
            passed += part if not self._frames else b""
        return passed

    def end(self) -> bytes:
        """Return what may still pass: half a frame is of no use to anybody."""
        return b""

    def _preface(self) -> bytes:
        if self._begun or len(self._held) < len(PREFACE):
            return b""
        if not self._held.startswith(PREFACE):
            self._refuse("HTTP/2 that is not well formed")
        self._begun = True
        return self._take(len(PREFACE))

    def _unit(self) -> bytes:
        if len(self._held) < FRAME_HEAD:
            return b""
        length, kind, flags = int.from_bytes(self._held[:3], "big"), self._held[3], self._held[4]
        stream = int.from_bytes(self._held[5:9], "big") & 0x7FFFFFFF
        if kind == PUSH_PROMISE or (kind == CONTINUATION) != bool(self._frames):
            self._refuse("HTTP/2 that is not well formed")
        if kind not in (HEADERS, CONTINUATION):
            self._passing = length
            return self._take(FRAME_HEAD)
        return self._fields(kind, flags, stream, length)

    def _fields(self, kind: int, flags: int, stream: int, length: int) -> bytes:
        """Take a frame with fields; return the whole block's frames when it is judged, and hold them until then."""
        if len(self._block) + length > MOST_BLOCK or (self._frames and stream != self._stream):
            self._refuse("HTTP/2 that is not well formed")
        if len(self._held) < FRAME_HEAD + length:
            return b""
        frame = self._take(FRAME_HEAD + length)
        self._stream = stream
        self._block += self._fragment(frame[FRAME_HEAD:], flags) if kind == HEADERS else frame[FRAME_HEAD:]
        self._frames += frame
        if not flags & END_HEADERS:
            return frame
        self._judge_block()
        frames, self._block, self._frames = self._frames, b"", b""
        return frames

    def _fragment(self, content: bytes, flags: int) -> bytes:
        padding = content[0] if flags & PADDED and content else 0
        start = (1 if flags & PADDED else 0) + (5 if flags & PRIORITY else 0)
        if start + padding > len(content):
            self._refuse("HTTP/2 that is not well formed")
        return content[start : len(content) - padding]

    def _judge_block(self) -> None:
        """Judge a request's host; fields behind a body (trailers) need not name one."""
        try:
            fields = [(bytes(name), bytes(value)) for name, value, *_ in self._decoder.decode(self._block, raw=True)]
        except (HPACKError, ValueError, IndexError):
            self._refuse("HTTP/2 that is not well formed")
            return
        named = [value for name, value in fields if name.lower() in (b":authority", b"host")]
        if not named and self._stream > self._last:
            self._judge(None)
        for value in named:
            self._judge(value)
        if any(name == b":path" and value[:1] not in (b"/", b"*") for name, value in fields):
            self._refuse("HTTP/2 that is not well formed")  # a whole address, of another host maybe, that some obey
        self._last = max(self._last, self._stream)
