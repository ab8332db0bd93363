"""The page with what is masked covers the screen and goes away without a trace, as a terminal not of ours judges."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from judge import ANEW, Judge

from aigate import Masker
from aigate.masking.rules import preset_rules

ROWS, COLUMNS = 12, 70
MASKER = Masker(preset_rules("all"))
TOKEN = "ghp_" + "aB3dE5fG7h" * 3 + "aB3dE5"
ALTERNATE = "\x1b[?1049h\x1b[H\x1b[2J"
STATES = {
    "lines": f"one\r\n{TOKEN}\r\n$ ",
    "at the edge": "x" * COLUMNS,
    "a program that draws": f"{ALTERNATE}\x1b[3;5H\x1b[1;32mgreen\x1b[m\x1b[5;1H{TOKEN}\x1b[2;2H",
    "wide characters": f"{ALTERNATE}漢字 {TOKEN[:20]}\x1b[4;69H漢",
    "in a region, from its margin": f"{ALTERNATE}a\r\nb\r\nc\x1b[3;6r\x1b[?6h\x1b[2;3Hx",
    "in insert mode": f"{ALTERNATE}abc\x1b[1;2H\x1b[4h",
    "with lines for letters": f"{ALTERNATE}abc\x1b(0",
    "with a cursor that was saved": f"{ALTERNATE}\x1b[3;3H\x1b7\x1b[5;5H",
    "with a cursor that was saved among lines": "\x1b[H\x1b[2J\x1b[3;3H\x1b7\x1b[5;5Habc",
    "in colour": f"{ALTERNATE}\x1b[31;7m\x1b[2;2H",
}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(ROWS, COLUMNS) as judge:
        yield judge


@pytest.mark.parametrize("name", STATES)
def test_it_leaves_no_trace(judge: Judge, name: str) -> None:
    before = b"\x1b[H\x1b[2J" if name != "lines" else b""
    display = MASKER.display(ROWS, COLUMNS)
    judge.draw(ANEW + display.feed(before + STATES[name].encode()) + display.release())
    seen, styled = judge.look(), judge.look_with_styles()
    page = display.reveal()
    assert page is not None
    judge.draw(page[0])
    assert "any key goes back" in judge.look().rows[0]
    judge.draw(display.conceal())
    assert (judge.look(), judge.look_with_styles()) == (seen, styled)
    judge.draw(display.feed(b"q\x1b8z"))
    after = judge.show(before + STATES[name].replace(TOKEN, "ghp_" + "*" * 36).encode() + b"q\x1b8z")
    assert judge.look() == after


@pytest.mark.parametrize(
    ("drawn", "text"),
    [
        (f"open https://host.example/?a={TOKEN}&b=1 now\r\n", f"https://host.example/?a={TOKEN}&b=1"),
        (f"{TOKEN}\r\nghp_{'Z9y8X7w6V5u4' * 3}\r\n", f"ghp_{'Z9y8X7w6V5u4' * 3}"),
        (f"╭{'─' * 24}╮\r\n│{TOKEN[:24]}│\r\n│{TOKEN[24:].ljust(24)}│\r\n╰{'─' * 24}╯\r\n", TOKEN),
        ("nothing here\r\n", ""),
    ],
)
def test_it_shows_the_last_one_whole(judge: Judge, drawn: str, text: str) -> None:
    display = MASKER.display(ROWS, COLUMNS)
    display.feed(b"\x1b[H\x1b[2J" + drawn.encode())
    page = display.reveal()
    assert page is not None
    assert page[1] == text
    shown = judge.show(ANEW + page[0])
    assert "".join(shown.rows[1:]) == text


def test_in_the_middle_of_a_sequence_there_is_none() -> None:
    display = MASKER.display(ROWS, COLUMNS)
    display.feed(b"\x1b[H\x1b]0;a title that has no en")
    display.release()
    assert display.reveal() is None
    assert Masker().display(0, 0).reveal() is None
