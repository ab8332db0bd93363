"""A token is masked that moves of columns, pictures and margins put together, as xterm, kitty and ECMA-48 have them."""

from __future__ import annotations

import pytest
from vterm import VtermJudge

from aigate import Masker, Rule

ROWS, COLUMNS = 8, 60
TOKEN = "ghp_" + "aB3dE5fG7h" * 3 + "aB3dE5"
STARS = "ghp_" + "*" * 36
MASKER = Masker([Rule("github", r"\bghp_[0-9A-Za-z]{36}\b", 4)])
CLEAR = "\x1b[H\x1b[2J"
AWAY = "\x1b[7;1H"
KITTY, SIXEL, FILE = "\x1b_Ga=T,f=100;AAAA\x1b\\", "\x1bPq#0~~\x1b\\", "\x1b]1337;File=inline=1:AAAA\x07"

QUESTION, IN_PIECES = "\x1b_Ga=q;AAAA\x1b\\", "\x1b_Ga=T,m=1;AA\x1b\\\x1b_Gm=0;AA\x1b\\"

SHIFTED = {  # libvterm knows these
    "columns taken out": f"{TOKEN[:10]}---{TOKEN[10:]}\x1b[1;11H\x1b[3'~",
    "columns put in": f"{TOKEN[:10]}{TOKEN[13:]}\x1b[1;11H\x1b[3'}}{TOKEN[10:13]}",
    "and within rows": f"\x1b[2;4r\x1b[2;1H{TOKEN[:10]}---{TOKEN[10:]}\x1b[2;11H\x1b[3'~\x1b[r",
}
MOVED = {  # and these xterm does
    "scrolled to the left": (f"zz{TOKEN[:4]}\x1b[2 @\x1b[1;5H{TOKEN[4:]}", TOKEN),
    "scrolled to the right": (f"{TOKEN}\x1b[3 A", f"   {TOKEN}"),
    "a column back": (f"{TOKEN[1:]}\x1b[1;1H\x1b6g", TOKEN),
    "a column on": (f" {TOKEN[:30]}\x1b[1;{COLUMNS}H\x1b9\x1b[1;31H{TOKEN[30:]}", TOKEN),
    "a backspace over the edge": (f"{'-' * COLUMNS}x\x1b[?45h\b\b{TOKEN}\x1b[1;1H", "-" * (COLUMNS - 1) + TOKEN[0]),
}


def feed(*frames: str) -> tuple[bytes, list[str]]:
    display = MASKER.display(ROWS, COLUMNS)
    out = [display.feed(frame.encode()) + display.release() for frame in frames]
    return b"".join(out), display.cells()[0]


@pytest.mark.parametrize("how", SHIFTED)
def test_it_is_masked(how: str) -> None:
    drawn = CLEAR + SHIFTED[how] + AWAY
    out, rows = feed(drawn)
    with VtermJudge(ROWS, COLUMNS) as judge:
        plain = judge.show(drawn.encode())
        assert rows == plain.rows
        assert judge.show(out).rows == [row.replace(TOKEN, STARS) for row in plain.rows]


@pytest.mark.parametrize("how", MOVED)
def test_the_model_follows(how: str) -> None:
    drawn, row = MOVED[how]
    out, rows = feed(CLEAR + drawn + AWAY)
    assert rows[0] == row
    assert TOKEN[10:].encode() not in out


@pytest.mark.parametrize("picture", [KITTY, SIXEL, FILE, QUESTION, IN_PIECES])
def test_a_picture_does_not_part_what_it_stands_in(picture: str) -> None:
    """A terminal that does not know pictures shows one token."""
    out, _ = feed(CLEAR + TOKEN[:10] + picture + TOKEN[10:] + AWAY)
    assert b"*" * 36 in out.replace(picture.encode(), b"")


@pytest.mark.parametrize(
    "picture", ["\x1b_Ga=d\x1b\\", "\x1b_Ga=t,i=3;AAAA\x1b\\", "\x1b_Ga=T,C=1;AAAA\x1b\\", "\x1b_Ga=p,U=1,i=3\x1b\\"]
)
def test_nothing_is_forgotten_where_none_moves_the_cursor(picture: str) -> None:
    out, rows = feed(f"{CLEAR}\x1b[3;1H{TOKEN[:10]}", f"{picture}\x1b[3;11H{TOKEN[10:]}{AWAY}")
    assert rows[2] == TOKEN
    assert TOKEN[10:].encode() not in out


@pytest.mark.parametrize("picture", [KITTY, SIXEL, FILE])
def test_nor_on_the_other_screen(picture: str) -> None:
    out, rows = feed(f"\x1b[?1049h{CLEAR}\x1b[3;1H{TOKEN[:10]}", f"\x1b[5;5H{picture}\x1b[3;11H{TOKEN[10:]}{AWAY}")
    assert rows[2] == TOKEN
    assert TOKEN[10:].encode() not in out


def test_what_margins_at_the_sides_wrap_is_one_text() -> None:
    out, rows = feed(f"{CLEAR}\x1b[?69h\x1b[11;30s\x1b[2;11H{TOKEN}\x1b[?69l{AWAY}")
    assert rows[1:3] == [" " * 10 + TOKEN[:20], " " * 10 + TOKEN[20:]]
    assert b"ghp_" + b"*" * 36 in out


def test_a_token_below_a_row_that_was_full_by_chance() -> None:
    """It was wrapped, and what went on there was drawn over."""
    out, _ = feed(f"{CLEAR}{'x' * COLUMNS}y\r{TOKEN}{AWAY}")
    assert STARS.encode() in out
