"""The last row stays aigate's whatever the command writes, as tmux shows it one row higher than the command has it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from judge import Judge

from aigate.streams.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS, COLUMNS = 12, 40
MINE = "aigate: reach far.example:443?"
WRITES = {
    "many lines": b"".join(b"line %d\r\n" % number for number in range(40)),
    "a region of its own": b"\x1b[r" + b"x\r\n" * 30,
    "a region to the end": b"\x1b[3;12r\x1b[12;1Hbelow\r\n\r\n\r\nmore",
    "the last row of all": b"\x1b[999;999H\x1b[12;1HHERE\x1b[12dTHERE\x1b[12;5fELSE\x1b[99eMORE",
    "everything erased": b"\x1b[2J\x1b[H\x1b[Jnew",
    "another screen": b"\x1b[?1049h\x1b[2J\x1b[H" + b"y\r\n" * 30 + b"\x1b[?1049l" + b"z\r\n" * 20,
    "reset": b"\x1bc" + b"q\r\n" * 30,
    "soft reset": b"\x1b[!p" + b"q\r\n" * 30,
    "eight bits": b"\xc2\x9br" + b"w\r\n" * 30 + b"\xc2\x9b99;1Hthere",
    "origin mode": b"\x1b[?6h\x1b[99;1Hfar\r\n\r\n\x1b[?6l",
    "filled": b"\x1b#8\x1b[99;1H\r\n\r\n",
}


@pytest.fixture(scope="module")
def screen() -> Iterator[Judge]:
    with Judge(ROWS, COLUMNS) as one:
        yield one


def shown(data: bytes, seed: int | None = None) -> bytes:
    """Return what a terminal gets of a command's output, in pieces as they come."""
    row = Row(ROWS, COLUMNS)
    row.text = MINE
    out = row.begin()
    dice, place = random.Random(seed), 0  # noqa: S311
    while place < len(data):
        size = len(data) if seed is None else dice.randint(1, 5)
        out += row.passed(data[place : place + size])
        if row.wants_drawing and row.can_be_drawn:
            out += row.draw()
        place += size
    return out + row.rest() + row.draw()


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("seed", [None, 1])
def test_it_stays(name: str, seed: int | None, screen: Judge) -> None:
    lines = screen.show(shown(WRITES[name], seed)).rows
    assert lines[ROWS - 1].startswith(MINE)
    assert sum(MINE in line for line in lines) == 1, "and it has not scrolled into the rest"


def test_it_is_given_back(screen: Judge) -> None:
    row = Row(ROWS, COLUMNS)
    row.text = MINE
    data = row.begin() + row.passed(WRITES["many lines"]) + row.draw() + row.end() + b"a\r\nb\r\nc"
    lines = screen.show(data).rows
    assert lines[ROWS - 1].startswith("c")
    assert not any(MINE in line for line in lines)


def test_what_needs_no_change_passes_as_it_is() -> None:
    row = Row(ROWS, COLUMNS)
    row.begin()
    text = "\x1b[1;31mcolours\x1b[0m \x1b[5;7Hé→\x1b]0;title\x07\x1b[2K\x1b[3;5r\r\n".encode()
    assert row.passed(text) == text
    assert row.passed(b"\x05") == b"", "a terminal's answerback is not asked for"


def test_a_window_too_low_has_none() -> None:
    row = Row(3, COLUMNS)
    assert not row.is_there
    assert (row.begin(), row.passed(b"\x1b[r"), row.end()) == (b"", b"\x1b[r", b"")
