"""Programs that draw, at random, and what must hold for their screens, whoever judges them."""

from __future__ import annotations

import re
from typing import Protocol

from hypothesis import strategies as st
from judge import Shown

from aigate import Masker, Rule

ROWS, COLUMNS = 6, 24
CLEAR = b"\x1b[H\x1b[2J"
KEY = re.compile(r"ab[0-9c]{4,}")
MASKER = Masker([Rule("key", KEY.pattern, 2)])
PARTS = [
    "ab1234",
    "ab12",
    "34",
    "c",
    "ab",
    "1",
    "5678",
    "ab123456789c",
    "x ab1",
    "\x1b[31mab\x1b[1m12\x1b[0m34",
    "word ",
]
PLACES = st.builds("\x1b[{};{}H".format, st.integers(1, ROWS), st.integers(1, COLUMNS))
MOVES = st.builds("\x1b[{}{}".format, st.integers(1, 9), st.sampled_from("ABCDEFGdLMP@XST"))
OTHERS = st.sampled_from(
    ["\r", "\n", "\r\n", "\b", "\t", "\x1b[K", "\x1b[1K", "\x1b[J", "\x1b[4h", "\x1b[4l", "\x1b7", "\x1b8", "\x1bM",
     "\x1bD", "\x1b[2;5r", "\x1b[r", "\x1b[?1049h\x1b[H", "\x1b[?1049l", "\0", "\x0f", "\x1b[2J", "│", "漢", "x" * 30]
)  # fmt: skip
FRAME = st.lists(st.one_of(st.sampled_from(PARTS), PLACES, MOVES, OTHERS), max_size=14).map("".join)
FRAMES = st.lists(FRAME, min_size=1, max_size=4)


class AnyJudge(Protocol):
    def draw(self, data: bytes) -> None: ...
    def look(self) -> Shown: ...
    def show(self, data: bytes) -> Shown: ...


def check_frames(plain: AnyJudge, masked: AnyJudge, frames: list[str]) -> None:
    """Compare two screens after each frame, without masks and with them."""
    display = MASKER.display(ROWS, COLUMNS)
    plain.show(CLEAR)
    masked.show(display.feed(CLEAR))
    for frame in frames:
        plain.draw(frame.encode())
        masked.draw(display.feed(frame.encode()) + display.release())
        there, shown = plain.look(), masked.look()
        rows, (row, column) = display.cells()
        if rows != there.rows or there.cursor not in ((row, column), (row, min(column, COLUMNS - 1))):
            return  # the judge has its own mind about what this does: test_screen_model.py has where they agree
        assert shown.cursor == there.cursor
        for row, seen in zip(there.rows, shown.rows, strict=True):
            hidden = {at for match in KEY.finditer(row) for at in range(match.start() + 2, match.end())}
            assert len(seen) == len(row)
            assert all(seen[at] == "*" if at in hidden else seen[at] in ("*", row[at]) for at in range(len(row)))
