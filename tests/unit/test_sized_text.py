"""Text that is larger than other text (OSC 66, kitty's protocol): it is read, masked in its size, moves the cursor."""

from __future__ import annotations

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


def test_a_key_letter_by_letter_and_what_completes_it_later() -> None:
    letters = "".join(map(sized, "ab1234"))
    assert out_of(CLEAR + letters).count(b";*\x1b\\") == 4
    first, last = CLEAR + sized("ab12"), sized("34")
    over = "".join(f"\x1b[1;{5 + 2 * at}H" + ("\x1b[0m" if not at else "") + sized("*") for at in range(2))
    assert out_of(first, last) == f"{sized('**')}{over}\x1b[1;13H\x1b[0m".encode()
