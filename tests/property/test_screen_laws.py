"""What holds for every program that draws: the same cells however its output is cut, and never a match to be seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from choice import budget
from drawing import (
    CLEAR,
    COLUMNS,
    FRAMES,
    MASKER,
    MOVES,
    OTHERS,
    PARTS,
    PLACES,
    ROWS,
    SAME_JUDGES,
    check_frames,
    pair,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from judge import Judge

from aigate import Masker, Rule

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
    with pair(lambda: Judge(ROWS, COLUMNS)) as both:
        yield both


@settings(max_examples=budget(20, 40, 400), suppress_health_check=SAME_JUDGES)
@given(frames=FRAMES)
def test_no_screen_shows_a_match(judges: tuple[Judge, Judge], frames: list[str]) -> None:
    """After each frame, two screens of the judge beside one another: with masks and without."""
    check_frames(*judges, frames)
