"""In which row of the terminal the cursor is: asked of the terminal itself, whose answer is found among the keys.

Owns what was asked and not answered. Answers come in the order of the questions, so the first one is ours, whatever the
command asks later; what is typed before it and behind it passes as it came. (CPR: ECMA-48 8.3.14, xterm's ctlseqs.)
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

QUESTION = b"\x1b[6n"  # DSR: every terminal that is more than a printer has answered it for decades
SILENT = ("", "dumb", "unknown")  # values of TERM that stand for what draws the question
BEGIN = b"\x1b["
LONGEST = 12  # bytes of an answer


class Place:
    """One terminal's cursor. found: called with the row, counted from 0."""

    def __init__(self, found: Callable[[int], None]) -> None:
        self._found = found
        self._waits = False
        self._begun = b""  # of what may be the answer

    @property
    def is_asked(self) -> bool:
        """Tell whether an answer is still to come."""
        return self._waits

    def ask(self) -> bytes:
        """Return what asks the terminal."""
        self._waits = True
        return QUESTION

    def typed(self, data: bytes) -> bytes:
        """Take what the terminal sends, and return it without the answer."""
        if not self._waits:
            return data
        data, self._begun = self._begun + data, b""
        at = data.find(BEGIN)
        while at >= 0:
            end = at + len(BEGIN)
            while end < len(data) and data[end : end + 1] in b"0123456789;" and end - at < LONGEST:
                end += 1
            row, _, column = data[at + len(BEGIN) : end].partition(b";")
            if end == len(data) and row and end - at < LONGEST:  # no key stops there: the rest comes
                self._begun = data[at:]
                return data[:at]
            if data[end : end + 1] == b"R" and row.isdigit() and column.isdigit() and int(row):
                self._waits = False
                self._found(int(row) - 1)
                return data[:at] + data[end + 1 :]
            at = data.find(BEGIN, end)
        return data
