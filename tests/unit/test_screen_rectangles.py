"""Rectangles that are filled, erased, copied and coloured (DEC STD 070, xterm), and what is protected from erasing."""

from __future__ import annotations

import pytest

from aigate import Masker, Rule

ROWS, COLUMNS = 5, 12
CLEAR = "\x1b[H\x1b[2J"
GRID = CLEAR + "\r\n".join(letter * 8 for letter in "abcd")
KEPT = f'{CLEAR}ab\x1b[1"qcd\x1b[0"qef'


@pytest.mark.parametrize(
    ("drawn", "rows"),
    [
        ("\x1b[88;2;3;3;5$x", ["aaaaaaaa", "bbXXXbbb", "ccXXXccc", "dddddddd"]),
        ("\x1b[88;4$x", ["aaaaaaaa", "bbbbbbbb", "cccccccc", "X" * 12, "X" * 12]),
        ("\x1b[7;2;3;3;5$x", ["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd"]),  # no character
        ("\x1b[88;3;3;2;5$x", ["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd"]),  # upside down
        ("\x1b[2;2;3;4$z", ["aaaaaaaa", "b   bbbb", "c   cccc", "dddddddd"]),
        ("\x1b[$z", ["", "", "", ""]),
        ("\x1b[1;1;2;3;1;3;5$v", ["aaaaaaaa", "bbbbbbbb", "ccccaaac", "ddddbbbd"]),
        ("\x1b[1;1;3;8;1;2;2$v", ["aaaaaaaa", "baaaaaaaa", "cbbbbbbbb", "dcccccccc"]),  # onto itself
        ("\x1b[1;1;3;8;1;4;10$v", ["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd aaa", " " * 9 + "bbb"]),
        ("\x1b[2;4r\x1b[?6h\x1b[88;1;1;9;2$x", ["aaaaaaaa", "XXbbbbbb", "XXcccccc", "XXdddddd"]),
    ],
)
def test_rectangles(drawn: str, rows: list[str]) -> None:
    display = Masker([]).display(ROWS, COLUMNS)
    display.feed((GRID + drawn).encode())
    display.flush()
    assert display.cells()[0] == [*rows, *[""] * (ROWS - len(rows))]


@pytest.mark.parametrize(
    ("erased", "row"),
    [
        ("\x1b[1;1;1;9${", "  cd"),
        ("\x1b[H\x1b[?K", "  cd"),
        ("\x1b[?2J", "  cd"),
        ("\x1b[1;1;1;9$z", ""),
        ("\x1b[H\x1b[K", ""),
        ("\x1b[H\x1b[3Pcd", "cdf"),
        ("\x1b[1;3Hxx\x1b[?2J", ""),  # drawn anew, and not protected
    ],
)
def test_what_is_protected_stays(erased: str, row: str) -> None:
    display = Masker([]).display(ROWS, COLUMNS)
    display.feed((KEPT + erased).encode())
    display.flush()
    assert display.cells()[0][0] == row


def drawn_over(*frames: str) -> bytes:
    display = Masker([Rule("key", "ab[0-9]{4}", 2)]).display(ROWS, COLUMNS)
    return [display.feed(frame.encode()) + display.release() for frame in frames][-1]


def test_a_key_that_a_rectangle_completes_is_drawn_over() -> None:
    fill = "\x1b[49;1;5;1;6$x"
    assert drawn_over(f"{CLEAR}ab23", fill) == f"{fill}\x1b[1;3H\x1b[0m****\x1b[1;5H\x1b[0m".encode()
    copy = "\x1b[3;1;3;2;1;1;5$v"
    assert drawn_over(f"{CLEAR}ab23\x1b[3;1H45\x1b[H", copy) == f"{copy}\x1b[1;3H\x1b[0m****\x1b[1;1H\x1b[0m".encode()


def test_stars_are_copied_as_stars() -> None:
    """The terminal copies what it shows: nothing has to be drawn over, and nothing shows again."""
    copy = "\x1b[1;1;1;6;1;3;2$v"
    assert drawn_over(f"{CLEAR}ab2345", copy) == copy.encode()


def test_what_is_drawn_over_has_the_rectangles_colours() -> None:
    out = drawn_over(f"{CLEAR}ab23", "\x1b[1;1;1;12;1;7$r", "\x1b[1;5H45")
    assert b"\x1b[1;3H\x1b[0;1;7m**" in out
    out = drawn_over(f"{CLEAR}\x1b[1mab23", "\x1b[1;1;1;12;1;4$t", "\x1b[m\x1b[1;5H45")
    assert b"\x1b[1;3H\x1b[0;4m**" in out
