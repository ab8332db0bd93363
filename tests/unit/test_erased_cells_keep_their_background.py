"""What is erased takes the background at hand (bce): a page that covered the screen gives it back as it was."""

from __future__ import annotations

import pytest
from vterm import VtermJudge

from aigate import Masker, Rule

ROWS, COLUMNS = 6, 20
OTHER = b"\x1b[?1049h\x1b[H\x1b[2J"
DRAWN = {
    "the whole screen": "\x1b[44m\x1b[2J\x1b[2;3Hab123456",
    "the rest of a row": "ab123456 \x1b[41m\x1b[K\x1b[m\r\nplain",
    "characters": "ab123456 \x1b[42m\x1b[5X\x1b[m\r\nplain",
    "inserted rows": "ab123456\x1b[1;1H\x1b[45m\x1b[2L\x1b[m",
    "inserted and deleted characters": "ab123456 rest\x1b[1;10H\x1b[43m\x1b[3@\x1b[2;1Hsome text\x1b[2;3H\x1b[4P\x1b[m",
    "scrolled in": "ab123456\x1b[46m\x1b[2S\x1b[m",
    "and plain again": "\x1b[44m\x1b[2J\x1b[m\x1b[3;1H\x1b[2K\x1b[2;3Hab123456",
}


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_given_back(name: str) -> None:
    display = Masker([Rule("key", "ab[0-9]{6}", 2)]).display(ROWS, COLUMNS)
    with VtermJudge(ROWS, COLUMNS) as judge:
        judge.show(display.feed(OTHER + DRAWN[name].encode()) + display.release())
        rows, backgrounds = judge.look(), judge.backgrounds()
        assert len(set(backgrounds)) == (1 if name == "the whole screen" else 2)
        page = display.reveal()
        assert page
        judge.draw(page[0])
        assert judge.look() != rows
        judge.draw(display.conceal())
        assert judge.look() == rows
        assert judge.backgrounds() == backgrounds
