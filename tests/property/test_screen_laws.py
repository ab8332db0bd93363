"""What holds for every program that draws: the same cells however its output is cut, and never a match to be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from choice import budget
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judge import Judge

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
DRAWN = st.lists(st.one_of(st.sampled_from(PARTS), PLACES, MOVES, OTHERS), max_size=14)
ODD = st.lists(
    st.one_of(st.sampled_from(PARTS).map(str.encode), PLACES.map(str.encode), MOVES.map(str.encode),
              OTHERS.map(str.encode), st.binary(max_size=3),
              st.sampled_from(
                  [b"\x1b", b"\x1b[", b"\x1b]0;", b"\x07", b"\x1bP", b"\x18", b"\x1b[5b", b"\xe6\xbc", b"\x1b[3;"])),
    max_size=20,
).map(b"".join)  # fmt: skip
CUTS = st.lists(st.integers(1, 12), min_size=1, max_size=10)


def cut(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    at = turn = 0
    while at < len(data):
        size = cuts[turn % len(cuts)]
        yield data[at : at + size]
        at, turn = at + size, turn + 1


@given(ODD, CUTS)
def test_any_way_of_cutting_gives_the_same_cells(data: bytes, cuts: list[int]) -> None:
    whole, pieces = MASKER.display(ROWS, COLUMNS), MASKER.display(ROWS, COLUMNS)
    whole.feed(CLEAR + data)
    pieces.feed(CLEAR)
    for piece in cut(data, cuts):
        pieces.feed(piece)
    whole.flush()
    pieces.flush()
    assert pieces.cells() == whole.cells()


@given(ODD, CUTS)
def test_without_matches_every_byte_passes(data: bytes, cuts: list[int]) -> None:
    display = Masker([Rule("never", "never in there")]).display(ROWS, COLUMNS)
    out = b"".join(display.feed(piece) + display.release() for piece in cut(data, cuts))
    assert out + display.flush() == data


@given(ODD, CUTS)
def test_what_waits_for_its_end_comes_in_the_end(data: bytes, cuts: list[int]) -> None:
    """Whatever is masked, as many cells are drawn as without masks."""
    display, plain = MASKER.display(ROWS, COLUMNS), Masker([]).display(ROWS, COLUMNS)
    out = b"".join([display.feed(CLEAR), *map(display.feed, cut(data, cuts)), display.flush()])
    plain.feed(CLEAR + data)
    plain.flush()
    again = Masker([]).display(ROWS, COLUMNS)
    again.feed(out)
    again.flush()
    rows, cursor = plain.cells()
    shown, where = again.cells()
    assert where == cursor
    for row, seen in zip(rows, shown, strict=True):
        assert len(seen) == len(row)
        assert all(there in ("*", letter) for letter, there in zip(row, seen, strict=True))


@pytest.fixture(scope="module")
def judges() -> Iterator[tuple[Judge, Judge]]:
    with Judge(ROWS, COLUMNS) as plain, Judge(ROWS, COLUMNS) as masked:
        yield plain, masked


@settings(max_examples=budget(25, 60, 400), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=st.lists(DRAWN.map("".join), min_size=1, max_size=4))
def test_no_screen_shows_a_match(judges: tuple[Judge, Judge], frames: list[str]) -> None:
    """After each frame, two screens of the judge beside one another: with masks and without."""
    plain, masked = judges
    display = MASKER.display(ROWS, COLUMNS)
    plain.show(CLEAR)
    masked.show(display.feed(CLEAR))
    for frame in frames:
        plain.draw(frame.encode())
        masked.draw(display.feed(frame.encode()) + display.release())
        there, shown = plain.look(), masked.look()
        if display.cells() != there:
            return  # the judge has its own mind about what this does: test_screen_model.py has where they agree
        assert shown.cursor == there.cursor
        for row, seen in zip(there.rows, shown.rows, strict=True):
            hidden = {at for match in KEY.finditer(row) for at in range(match.start() + 2, match.end())}
            assert len(seen) == len(row)
            assert all(seen[at] == "*" if at in hidden else seen[at] in ("*", row[at]) for at in range(len(row)))
