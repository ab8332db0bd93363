"""Which keys a person has typed, told from everything else that a terminal says: replies, mouse, pastes. Pure.

A program can make a terminal reply (ECMA-48, xterm's control sequences), and what it replies can hold letters that the
program chose. So a letter counts if it came alone, and not within anything that a terminal begins with ESC.
"""

from __future__ import annotations

GROUND, ESCAPED, SEQUENCE, SINGLE, STRING, STRING_END, MOUSE, PASTE = range(8)
ESC, BEL = 0x1B, 0x07
STRINGS = b"]P_^X"  # OSC, DCS, APC, PM, SOS
PASTE_BEGINS, PASTE_ENDS = b"200~", b"\x1b[201~"
MOUSE_BYTES = 3  # after CSI M: button, column, row, of which each can look like a letter


class Letters:
    """Follows what a terminal says."""

    def __init__(self) -> None:
        """Begin where nothing was said."""
        self._state = GROUND
        self._seen = b""
        self._left = 0

    def plain(self, data: bytes) -> bytes:
        """Take what the terminal has said, and return the one key that it was; b"" for anything else."""
        alone = self._state == GROUND
        key = _kitty(data) or (data if len(data) == 1 and data != b"\x1b" else b"")
        for byte in data:
            self._take(byte)
        return key if alone and self._state == GROUND else b""

    def _take(self, byte: int) -> None:
        take = (
            self._ground,
            self._escaped,
            self._sequence,
            self._single,
            self._string,
            self._string_end,
            self._mouse,
            self._paste,
        )
        take[self._state](byte)

    def _ground(self, byte: int) -> None:
        if byte == ESC:
            self._state = ESCAPED

    def _escaped(self, byte: int) -> None:
        self._seen = b""
        following = {ord("["): SEQUENCE, ord("O"): SINGLE, ESC: ESCAPED} | dict.fromkeys(STRINGS, STRING)
        self._state = following.get(byte, GROUND)

    def _sequence(self, byte: int) -> None:
        self._seen += bytes((byte,))
        if byte == ESC:
            self._state = ESCAPED
        elif byte < ord("@"):
            return
        elif self._seen == b"M":
            self._state, self._left = MOUSE, MOUSE_BYTES
        elif self._seen == PASTE_BEGINS:
            self._state, self._seen = PASTE, b""
        else:
            self._state = GROUND

    def _single(self, _byte: int) -> None:
        self._state = GROUND

    def _string(self, byte: int) -> None:
        self._state = GROUND if byte == BEL else STRING_END if byte == ESC else STRING

    def _string_end(self, byte: int) -> None:
        self._state = GROUND if byte == ord("\\") else STRING_END if byte == ESC else STRING

    def _mouse(self, _byte: int) -> None:
        self._left -= 1
        if not self._left:
            self._state = GROUND

    def _paste(self, byte: int) -> None:
        self._seen = (self._seen + bytes((byte,)))[-len(PASTE_ENDS) :]
        if self._seen == PASTE_ENDS:
            self._state = GROUND


def _kitty(data: bytes) -> bytes:
    """Return the letter of a key that a terminal writes as `CSI number u`, which no reply looks like; b"" for none."""
    if not data.startswith(b"\x1b[") or not data.endswith(b"u"):
        return b""
    number, _, others = data[2:-1].partition(b";")
    plain = number.isdigit() and len(number) < 4 and others in (b"", b"1", b"1:1")  # noqa: PLR2004 -- ASCII
    return bytes((int(number),)) if plain and int(number) < 128 else b""  # noqa: PLR2004
