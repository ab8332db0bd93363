"""Which modes of the screen a command has switched on: what to undo when it was killed in the middle. Owns the list."""

from __future__ import annotations

MODES_KEPT = 24  # bytes at the end of a piece in which a sequence may have begun
ALTERNATE_SCREENS = ("1049", "1047", "47")
CURSOR = "25"
KEYBOARD_AND_MOUSE = ("1", "9", "1000", "1001", "1002", "1003", "1004", "1005", "1006", "1007", "1015", "1016", "2004")
MODES = {*KEYBOARD_AND_MOUSE, "2026", "2031", "2048", CURSOR, *ALTERNATE_SCREENS}


class ScreenModes:
    """The private modes that output has switched on: what to undo when the command was killed in the middle.

    They are DECSET and DECRST of ECMA-48's private range as xterm(1) lists them: `ESC [ ? n ; n h`, or `l`.
    """

    def __init__(self) -> None:
        self._changed: dict[str, None] = {}
        self._tail = b""

    def watch(self, data: bytes) -> bool:
        """Look at a piece of output. Tell whether what there is to undo has changed."""
        if self._tail:
            data = self._tail + data
        position = data.find(b"\x1b[?")
        before = len(self._changed), *self._changed
        while position >= 0:
            self._take(data[position + 3 : position + MODES_KEPT])
            position = data.find(b"\x1b[?", position + 3)
        last = data.rfind(b"\x1b", -MODES_KEPT)
        self._tail = data[last:] if last >= 0 and not data[last:].endswith((b"h", b"l")) else b""
        return before != (len(self._changed), *self._changed)

    def _take(self, sequence: bytes) -> None:
        end = next((i for i, byte in enumerate(sequence) if byte not in b"0123456789;"), -1)
        final = sequence[end : end + 1] if end >= 0 else b""
        if final not in (b"h", b"l"):
            return
        for mode in sequence[:end].decode("ascii").split(";"):
            if mode in MODES:
                if (final == b"h") != (mode == CURSOR):
                    self._changed[mode] = None
                else:
                    self._changed.pop(mode, None)

    def undo(self) -> bytes:
        """Return what puts a terminal back: nothing when nothing is on; the alternate screen is left last."""
        modes = sorted(self._changed, key=lambda mode: mode in ALTERNATE_SCREENS)
        text = "".join(f"\x1b[?{mode}{'h' if mode == CURSOR else 'l'}" for mode in modes)
        return f"{text}\x1b[0m".encode() if text else b""
