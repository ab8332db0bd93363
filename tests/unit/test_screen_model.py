"""The model of the screen, judged by terminal emulators that are not ours: the same cells, the same cursor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from judge import Judge
from vterm import VtermJudge

from aigate import Masker, Rule

ROWS, COLUMNS = 8, 20
CLEAR = "\x1b[H\x1b[2J"
FILLED = CLEAR + "\r\n".join(f"row {n}" for n in range(ROWS))
SESSIONS = {
    "text and line ends": "one\r\ntwo\nthree\rfour",
    "it wraps at the edge": "x" * 25,
    "a full row waits with its wrap": "x" * 20,
    "and a line end begins one new row": "x" * 20 + "\r\ny",
    "without autowrap the last cell is written again": "\x1b[?7l" + "abcdefghijklmnopqrstuvwxyz\r",
    "it scrolls at the bottom": "\n" * 7 + "last\r\nmore\r\n",
    "wide characters": "漢字 漢字",
    "a wide character does not fit into the last cell": "x" * 19 + "漢",
    "tabs": "a\tb\tc\x1b[3g\r\n\td",
    "a tab stop of one's own": "\x1b[1;4H\x1bH\r\n\tx",
    "backspace": "abc\b\bX",
    "places": "\x1b[3;5Hx\x1b[99;99Hy\x1b[Hz",
    "moves": "\x1b[5;5Hx\x1b[2Ay\x1b[3Bz\x1b[4Cu\x1b[6Dv\x1b[2Ew\x1b[Fq",
    "columns and rows": "\x1b[7Ga\x1b[4d\x1b[3`b",
    "erasing in a row": FILLED + "\x1b[2;3H\x1b[K\x1b[3;3H\x1b[1K\x1b[4;3H\x1b[2K",
    "erasing below": FILLED + "\x1b[4;3H\x1b[J",
    "erasing above": FILLED + "\x1b[4;3H\x1b[1J",
    "erasing characters": "abcdefgh\x1b[1;3H\x1b[3X",
    "inserting characters": "abcdefgh\x1b[1;3H\x1b[3@",
    "deleting characters": "abcdefgh\x1b[1;3H\x1b[3P",
    "insert mode": "abcdefgh\x1b[1;3H\x1b[4hXY\x1b[4lZ",
    "inserting rows": FILLED + "\x1b[3;1H\x1b[2L",
    "deleting rows": FILLED + "\x1b[3;1H\x1b[2M",
    "a scroll region": FILLED + "\x1b[3;6r\x1b[6;1H\n\nx",
    "upwards in a scroll region": FILLED + "\x1b[3;6r\x1b[3;1H\x1bM\x1bMx",
    "scrolling without the cursor": FILLED + "\x1b[2S\x1b[1;1H\x1b[T",
    "moves stop at margins": "\x1b[3;6r\x1b[4;2H\x1b[9Aa\x1b[9Bb",
    "origin mode": "\x1b[3;6r\x1b[?6h\x1b[2;2Hx\x1b[?6ly",
    "saved and restored": "\x1b[3;4H\x1b7\x1b[6;6Hx\x1b8y",
    "the other screen and back": "main\x1b[?1049h\x1b[Hother\x1b[?1049l!",
    "the other screen is empty each time": "\x1b[?1049h\x1b[Hone\x1b[?1049l\x1b[?1049h\x1b[2;1Htwo",
    "repeated": "ab\x1b[5bc",
    "index, next line, reverse index": "a\x1bDb\x1bEc\x1bMd",
    "reset": "abc\x1b[3;6r\x1b[?6h\x1bcx",
    "what is unknown changes nothing": "a\x1b[5;5;5zb\x1b[?7777hc\x1b[>3;1ud\x1bPz\x1b\\e\x1b]777;x\x07f",
    "titles and links are no text": "\x1b]0;title\x07a\x1b]8;;http://localhost/\x1b\\b\x1b]8;;\x1b\\c",
    "controls within a sequence": "ab\x1b[2\r;3Hc",
    "NUL and DEL are nothing": "a\0b\x7fc",
    "colours": "\x1b[1;31ma\x1b[38;2;1;2;3mb\x1b[48:5:7mc\x1b[md",
}

MARGINS = "\x1b[?69h\x1b[5;12s"
SIDED = {  # which tmux does not know
    "scrolling between them": f"{FILLED}{MARGINS}\x1b[8;6Hx\n\ny",
    "upwards between them": f"{FILLED}{MARGINS}\x1b[1;6H\x1bMx",
    "up and down between them": f"{FILLED}{MARGINS}\x1b[2S\x1b[3;6H\x1b[T",
    "inserting and deleting characters": f"abcdefghijklmnop{MARGINS}\x1b[1;6H\x1b[2@\x1b[1;9H\x1b[P",
    "in a region": f"{FILLED}\x1b[3;6r{MARGINS}\x1b[6;6Hab\n\ncd",
    "from the corner": f"{FILLED}\x1b[3;6r{MARGINS}\x1b[?6h\x1b[2;2Hx\x1b[1;99Hy",
    "and none again": f"{MARGINS}\x1b[?69l\x1b[2;5Habcdefghijklmnop",
}
# As DEC STD 070 and xterm have it; the second judge lets margins at the sides bound what scrolls, and nothing else.
DIFFERENT = {"moves stop at margins"}
BOUNDED = {
    "text between margins at the sides": ("\x1b[2;5Habcdefghijklmnop", ["", "    abcdefgh", "    ijklmnop"], (2, 12)),
    "text outside of them": ("\x1b[2;15Habcdefghij", ["", " " * 14 + "abcdef", "    ghij"], (2, 8)),
    "moves stop at them": ("\x1b[2;6H\x1b[9Da\x1b[3;6H\x1b[20Cb", ["", "    a", " " * 11 + "b"], (2, 12)),
    "a return goes to them": ("\x1b[2;8Ha\rb\x1b[3;2Hc\rd", ["", "    b  a", "dc"], (2, 1)),
    "no scrolling outside of them": ("\x1b[8;2Hx\ny", ["", "", "", "", "", "", "", " xy"], (7, 3)),
    "rows are inserted between them": ("ab\x1b[1;6Hxy\x1b[L", ["ab", "     xy"], (0, 4)),
}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(ROWS, COLUMNS) as judge:
        yield judge


@pytest.mark.parametrize("name", SESSIONS)
def test_the_model_stands_as_the_judge_says(judge: Judge, name: str) -> None:
    data = (CLEAR + SESSIONS[name]).encode()
    display = Masker([]).display(ROWS, COLUMNS)
    assert display.feed(data) + display.flush() == data
    rows, cursor = display.cells()
    assert (rows, cursor) == judge.show(data)


@pytest.fixture(scope="module")
def second() -> Iterator[VtermJudge]:
    with VtermJudge(ROWS, COLUMNS) as judge:
        yield judge


@pytest.mark.parametrize("name", sorted({**SESSIONS, **SIDED}.keys() - DIFFERENT))
def test_and_as_the_second_judge_says(second: VtermJudge, name: str) -> None:
    display = Masker([]).display(ROWS, COLUMNS)
    data = (CLEAR + {**SESSIONS, **SIDED}[name]).encode()
    display.feed(data)
    display.flush()
    rows, (row, column) = display.cells()
    assert (rows, (row, min(column, COLUMNS - 1))) == second.show(data)


@pytest.mark.parametrize("name", BOUNDED)
def test_margins_at_the_sides_bound_text_and_moves(name: str) -> None:
    text, rows, cursor = BOUNDED[name]
    display = Masker([]).display(ROWS, COLUMNS)
    display.feed((CLEAR + MARGINS + text).encode())
    display.flush()
    found = display.cells()
    assert found == ([*rows, *[""] * (ROWS - len(rows))], cursor)


def test_a_mask_across_such_a_margin_stays_in_its_row(second: VtermJudge) -> None:
    """What turns out to be a match is drawn over, and margins, which would wrap it, are put back."""
    display = Masker([Rule("key", "ab[0-9]{9}", 2)]).display(ROWS, COLUMNS)
    drawn = f"{CLEAR}ab1234567\x1b[2;1Hbelow{MARGINS}\x1b[4;6Hx"
    out = display.feed(drawn.encode()) + display.release()
    out += display.feed(b"\x1b[?69l\x1b[1;10H89" + MARGINS.encode() + b"\x1b[6;6Habcdefghijk") + display.flush()
    assert (
        second.show(out).rows
        == second.show((drawn + "\x1b[?69l\x1b[1;3H*********" + MARGINS + "\x1b[6;6Habcdefghijk").encode()).rows
    )


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("\x1b(0lqk\x1b(B", "┌─┐"),
        ("\x1b)0\x0exxx\x0fx", "│││x"),
        ("\x1b[2Iab", " " * 16 + "ab"),
        ("\u009b3Cx", "   x"),
        ("e\u0301\u200bx", "ex"),
        ("漢字\x1b[1;2Hx", " x字"),
        ("\x1b[3;6r\x1b[4h\x1b[!p\x1b[Habc\x1b[1;1HX", "Xbc"),
    ],
)
def test_what_the_judge_shows_in_another_way(text: str, row: str) -> None:
    """Lines, forward tabs, C1 controls, marks on letters, halves of wide ones, a soft reset: as xterm has them."""
    display = Masker([]).display(ROWS, COLUMNS)
    display.feed((CLEAR + text).encode())
    display.flush()
    assert display.cells()[0][0] == row


def test_another_size_is_an_empty_screen_of_that_size() -> None:
    display = Masker([]).display(ROWS, COLUMNS)
    display.feed(FILLED.encode())
    display.resize(4, 30)
    display.feed(b"\x1b[4;30Hx")
    display.flush()
    assert display.cells() == (["", "", "", " " * 29 + "x"], (3, 30))
