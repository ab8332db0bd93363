"""Finds one key among what a terminal sends. Owns where in the input it stands; holds nothing back.

A key is one by itself: within what a terminal answers (strings up to ST or BEL), within what is pasted, and in reports
of the mouse the same bytes are none. Sources: ECMA-48, xterm's ctlseqs, kitty's keyboard protocol.
"""

from __future__ import annotations

ESCAPE = b"\x1b"
STRINGS = b"]P_^X"  # what begins a string behind ESC
PASTE, PASTED = b"\x1b[200~", b"\x1b[201~"
MOUSE = b"\x1b[M"
MOUSE_SIZE = 6  # bytes: with its three, which may be any
LOCKS = 64 | 128  # Caps Lock and Num Lock, as kitty's protocol tells them
RELEASED = "3"


class Keys:
    """One key's presses. spellings: how terminals send it; without one nothing is ever found."""

    def __init__(self, spellings: tuple[bytes, ...]) -> None:
        self._letters = tuple(text for text in spellings if not text.startswith(b"\x1b["))
        self._sequences = {_without_locks(text)[0] for text in spellings if text.startswith(b"\x1b[")}
        self._until = b""  # the end of the string or the paste that is under way

    def take(self, data: bytes) -> tuple[bytes, int]:
        """Return the input without the key, and how often it was pressed."""
        if not (self._letters or self._sequences):
            return data, 0
        kept, pressed, at = b"", 0, 0
        while at < len(data):
            end, is_key, counts = self._next(data, at)
            if is_key:
                pressed += counts
            else:
                kept += data[at:end]
            at = end
        return kept, pressed

    def _next(self, data: bytes, at: int) -> tuple[int, bool, bool]:
        """Return where the next piece of input ends, whether it is the key, and whether it is a press."""
        if self._until:
            return self._rest(data, at), False, False
        for letters in self._letters:
            if data.startswith(letters, at):
                return at + len(letters), True, True
        if data[at : at + 1] != ESCAPE:
            ends = [place for one in (ESCAPE, *self._letters) if (place := data.find(one, at)) > at]
            return min(ends, default=len(data)), False, False
        if data[at + 1 : at + 2] and data[at + 1] in STRINGS:
            self._until = b"\x1b\\"
            return at + 2, False, False
        if data.startswith(b"\x1b[", at):
            return self._sequence(data, at)
        return at + 1, False, False

    def _sequence(self, data: bytes, at: int) -> tuple[int, bool, bool]:
        if data.startswith(PASTE, at):
            self._until = PASTED
            return at + len(PASTE), False, False
        if data.startswith(MOUSE, at):
            return min(at + MOUSE_SIZE, len(data)), False, False
        end = next((i + 1 for i in range(at + 2, len(data)) if data[i] >= 0x40), len(data))  # noqa: PLR2004 -- its last byte
        found, event = _without_locks(data[at:end])
        return end, found in self._sequences, event != RELEASED

    def _rest(self, data: bytes, at: int) -> int:
        """Return where the string or the paste ends, or the data."""
        found = data.find(self._until, at)
        if self._until != PASTED:
            bell = data.find(b"\x07", at)
            if bell >= 0 and (found < 0 or bell < found):
                self._until = b""
                return bell + 1
        if found < 0:
            return len(data)
        end = found + len(self._until)
        self._until = b""
        return end

    def settle(self) -> None:
        """Take note that nothing has come for a while: a string that has no end was none."""
        if self._until != PASTED:
            self._until = b""


def _without_locks(sequence: bytes) -> tuple[bytes, str]:
    """Return a sequence without lock keys, alternates and text, and its kind of event, all of kitty's protocol."""
    code, *others = sequence[2:-1].decode("ascii", "replace").split(";")
    event = ""
    if others:
        modifiers, _, event = others[0].partition(":")
        if modifiers.isdecimal() and int(modifiers):
            others[0] = str(((int(modifiers) - 1) & ~LOCKS) + 1)
    if sequence[-1:] == b"u":
        code, others = code.partition(":")[0], others[:1]
    return b"\x1b[" + ";".join([code, *others]).encode("ascii", "replace") + sequence[-1:], event.partition(":")[0]
