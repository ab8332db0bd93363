"""Programs that draw, at random, and what must hold for their screens, whoever judges them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random
from typing import Protocol, TypeVar

from hypothesis import HealthCheck
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
MOVED = "ABCDEFGdLMP@XST"
MOVES = st.builds("\x1b[{}{}".format, st.integers(1, 9), st.sampled_from(MOVED))
OTHERS_DRAWN = (
    ["\r", "\n", "\r\n", "\b", "\t", "\x1b[K", "\x1b[1K", "\x1b[J", "\x1b[4h", "\x1b[4l", "\x1b7", "\x1b8", "\x1bM",
     "\x1bD", "\x1b[2;5r", "\x1b[r", "\x1b[?1049h\x1b[H", "\x1b[?1049l", "\0", "\x0f", "\x1b[2J", "│", "漢", "x" * 30]
)  # fmt: skip
OTHERS = st.sampled_from(OTHERS_DRAWN)
FRAME = st.lists(st.one_of(st.sampled_from(PARTS), PLACES, MOVES, OTHERS), max_size=14).map("".join)
FRAMES = st.lists(FRAME, min_size=1, max_size=4)


SAME_JUDGES = [HealthCheck.function_scoped_fixture]  # for all cases of a test: each begins on a new screen
Made = TypeVar("Made")


@contextmanager
def pair(make: Callable[[], AbstractContextManager[Made]]) -> Iterator[tuple[Made, Made]]:
    """Give two judges of one kind: for the screen without masks, and with them."""
    with make() as plain, make() as masked:
        yield plain, masked


def random_frames(random: Random) -> list[str]:
    """Return what FRAMES draws, without anything that could make a failure smaller: ten times as fast."""

    def piece() -> str:
        kind = random.randrange(4)
        if kind == 0:
            return random.choice(PARTS)
        if kind == 1:
            return f"\x1b[{random.randint(1, ROWS)};{random.randint(1, COLUMNS)}H"
        if kind == 2:
            return f"\x1b[{random.randint(1, 9)}{random.choice(MOVED)}"
        return random.choice(OTHERS_DRAWN)

    return ["".join(piece() for _ in range(random.randint(0, 14))) for _ in range(random.randint(1, 4))]


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
