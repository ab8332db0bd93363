"""The last row of a terminal, which the command does not have: what keeps its output off it, and what is drawn there.

The command's pseudo-terminal is one row shorter. What it writes all the same goes where that row would be the last: the
terminal scrolls within a region (DECSTBM), and what would set, leave or ignore the region is written anew on its way.
Pure: bytes in, bytes out.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match

LEAST_ROWS = 4
LONGEST = 64  # bytes of a sequence that has begun and not ended
SCREENS = {
    b"?1049",
    b"?1047",
    b"?47",
    b"?3",
}  # modes that change the screen, and with it, in some terminals, its region
MOVES = (b"H", b"f", b"d")  # CUP, HVP, VPA: to a row
ENQ = b"\x05"  # asks a terminal for words that the user has set


class Row:
    """One terminal's last row. rows: how many the terminal has."""

    def __init__(self, rows: int, columns: int) -> None:
        """Draw nothing yet."""
        import re  # which costs a start that asks nothing too much

        self.text = ""
        self.is_begun = False
        self.wants_drawing = False
        self._begun = b""  # of a sequence, at the end of what has passed
        self._saved = False  # the cursor is, by the command
        self._sequence = re.compile(rb"\x05|(?:\x1b\[|\xc2\x9b)([0-?]*)([ -/]*)([@-~])|\x1b(?:[78c]|#8)")
        self._beginning = re.compile(rb"(?:\x1b|\xc2|(?:\x1b\[|\xc2\x9b)[0-?]*[ -/]*|\x1b#|[\xc3-\xf4][\x80-\xbf]*)$")
        self.resize(rows, columns)

    def resize(self, rows: int, columns: int) -> None:
        """Take note of the terminal's size."""
        self.rows, self.columns = rows, columns
        self.last = rows - 1  # of the command's

    @property
    def is_there(self) -> bool:
        """Tell whether the terminal is high enough for it."""
        return self.rows >= LEAST_ROWS

    def begin(self) -> bytes:
        """Return what makes room for the row: the cursor leaves it, and the rest scrolls by itself."""
        self.is_begun = self.is_there
        return b"\n\x1b[A" + self._region() + self.draw() if self.is_begun else b""

    def end(self) -> bytes:
        """Return what gives the row back, empty."""
        if not self.is_begun:
            return b""
        given = self.given_back()
        self.is_begun = False
        return given

    def given_back(self) -> bytes:
        """Return what gives the row back, for when this process cannot."""
        if not self.is_begun:
            return b""
        return b"\x1b7\x1b[r" + f"\x1b[{self.rows};1H".encode() + b"\x1b[0m\x1b[2K\x1b8"

    def draw(self) -> bytes:
        """Return what draws the text now, wherever the cursor is."""
        self.wants_drawing = False
        shown = self.text[: max(0, self.columns - 1)]
        colours = "\x1b[0;7m" if shown else "\x1b[0m"
        return f"\x1b7\x1b[?6l\x1b[{self.rows};1H{colours}{shown}\x1b[K\x1b[0m\x1b8".encode()

    @property
    def can_be_drawn(self) -> bool:
        """Tell whether drawing now would part nothing that the command has begun: a sequence, or a saved cursor."""
        return self.is_begun and not self._begun and not self._saved

    def passed(self, data: bytes) -> bytes:
        """Return output as the terminal gets it. What has begun and not ended waits for its end."""
        if not self.is_begun:
            return data
        data, self._begun = self._begun + data, b""
        found = self._beginning.search(data, max(0, len(data) - LONGEST))
        if found:
            data, self._begun = data[: found.start()], data[found.start() :]
        return self._sequence.sub(self._anew, data)

    def rest(self) -> bytes:
        """Return what has waited in vain."""
        rest, self._begun = self._begun, b""
        return rest

    def _anew(self, found: Match[bytes]) -> bytes:
        """Return what a sequence is to be."""
        whole = found[0]
        if whole == ENQ:
            return b""
        if found[3] is None:
            return self._of_escape(whole)
        parameters, between, final = found[1], found[2], found[3]
        self._saved = {b"s": True, b"u": False}.get(final, self._saved) if not parameters else self._saved
        if between == b"!" and final == b"p":
            return whole + self._region()
        if parameters.startswith((b"?", b"<", b"=", b">")):
            changes = final in (b"h", b"l") and SCREENS & {b"?" + mode for mode in parameters[1:].split(b";")}
            self.wants_drawing = self.wants_drawing or bool(changes)
            return whole + self._region() if changes else whole
        if between:
            return whole
        if final == b"J":
            self.wants_drawing = True
        return self._moved(parameters, final) or whole

    def _of_escape(self, whole: bytes) -> bytes:
        if whole in (b"\x1b7", b"\x1b8"):
            self._saved = whole == b"\x1b7"
            return whole
        self.wants_drawing = True
        return whole + self._region()

    def _moved(self, parameters: bytes, final: bytes) -> bytes:
        """Return a move, or a region, that stays off the row; b"" where it does."""
        numbers = [int(word) if word.isdigit() else 0 for word in parameters.split(b";")]
        if final == b"r":
            bottom = numbers[1] if len(numbers) > 1 and numbers[1] else self.rows
            top = max(1, numbers[0])
            bottom = min(bottom, self.last)
            return f"\x1b[{top if top < bottom else 1};{bottom if top < bottom else self.last}r".encode()
        if final in MOVES and numbers[0] > self.last:
            words = [str(self.last).encode(), *parameters.split(b";")[1:]]
            return b"\x1b[" + b";".join(words) + final
        return b"\x1b[" + parameters + b"B" if final == b"e" else b""  # VPR knows no region, CUD does

    def _region(self) -> bytes:
        return f"\x1b7\x1b[1;{self.last}r\x1b8".encode()
