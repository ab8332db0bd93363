"""Text that is larger than other text (OSC 66, kitty's protocol): it is read, masked in its size, moves the cursor."""

from __future__ import annotations

import re

import pytest

from aigate import Masker, Rule

ROWS, COLUMNS = 6, 24
CLEAR = "\x1b[H\x1b[2J"
MASKER = Masker([Rule("key", "ab[0-9]{4}", 2)])


def sized(text: str, metadata: str = "s=2") -> str:
    return f"\x1b]66;{metadata};{text}\x1b\\"


@pytest.mark.parametrize(
    ("drawn", "row", "column"),
    [
        (sized("abc"), "abc", 6),
        (sized("abc", "w=5"), "abc", 5),
        (sized("\u200babc", "w=5"), "abc", 5),  # nothing stands in front of the first one
        (sized("abc", "s=2:w=2"), "abc", 4),
        (sized("a", "w=2:s=3") + "x", "ax", 7),
        (sized("漢"), "漢", 4),
        (sized("a", "s=9:w=x:n=1") + "b", "ab", 2),
        (sized("ab") + "\x1b[1;3Hxy", "axy", 4),
        ("\x1b]66;s=2;ab\x07cd", "abcd", 6),
    ],
)
def test_where_the_cursor_is(drawn: str, row: str, column: int) -> None:
    display = Masker([]).display(ROWS, COLUMNS)
    display.feed((CLEAR + drawn).encode())
    display.flush()
    assert display.cells()[0][0].split() == row.split()
    assert display.cells()[1] == (0, column)


def out_of(*frames: str) -> bytes:
    display = MASKER.display(ROWS, COLUMNS)
    return [display.feed(frame.encode()) + display.release() for frame in frames][-1]


@pytest.mark.parametrize("metadata", ["s=2", "s=3", "w=6", "s=2:w=4"])
def test_a_key_in_it_is_masked_where_it_stands(metadata: str) -> None:
    assert out_of(CLEAR + sized("ab1234", metadata)) == (CLEAR + sized("ab****", metadata)).encode()


@pytest.mark.parametrize("pieces", [("ab", "12", "34"), (" a", "b1", "23", "4 "), ("ab12", "34"), ("áa", "b1", "234")])
@pytest.mark.parametrize("metadata", ["n=1:d=2:w=1", "w=1:d=15:n=4:v=2", "s=2:n=1:d=4:w=1"])
def test_a_key_of_letters_that_share_cells_is_masked(pieces: tuple[str, ...], metadata: str) -> None:
    frame = "".join(sized(piece, metadata) for piece in pieces)
    assert not re.search("[1-4]{2}|[1-4](?=\x1b)", re.sub(r"\x1b]66;[^;]*;", "", out_of(CLEAR + frame).decode()))
    other = frame.replace("1", "x")
    assert out_of(CLEAR + other) == (CLEAR + other).encode()


def test_letters_that_share_a_cell_come_one_by_one_and_are_drawn_again() -> None:
    small, end = "\x1b]66;n=1:d=2:w=1;", "\x1b\\"
    over = "\x1b[1;2H\x1b[0m**\x1b[1;4H\x1b[0m"
    assert out_of(f"{CLEAR}{small}ab{end}{small}12{end}{small}3", f"4{end}") == f"4{end}{over}".encode()


def test_a_change_of_size_within_it_puts_no_letter_outside_of_the_row() -> None:
    display = Masker([]).display(ROWS, 80)
    display.feed(f"{CLEAR}\x1b[1;70H\x1b]66;w=7;ab".encode())
    display.release()
    display.resize(ROWS, COLUMNS)
    display.feed(b"cdefghi\x1b\\")
    display.flush()
    assert any(row.endswith(" cdef") for row in display.cells()[0])


def test_a_key_letter_by_letter_and_what_completes_it_later() -> None:
    letters = "".join(map(sized, "ab1234"))
    assert out_of(CLEAR + letters).count(b";*\x1b\\") == 4
    first, last = CLEAR + sized("ab12"), sized("34")
    over = "".join(f"\x1b[1;{5 + 2 * at}H" + ("\x1b[0m" if not at else "") + sized("*") for at in range(2))
    assert out_of(first, last) == f"{sized('**')}{over}\x1b[1;13H\x1b[0m".encode()
