"""In which row a run begins is asked of the terminal: the answer is no key, and what was typed before it is kept."""

from __future__ import annotations

import os
import time
from types import SimpleNamespace

import pytest
from vterm import VtermJudge

from aigate import Masker, Rule
from aigate.streams.place import Place
from aigate.streams.relay import Relay
from aigate.streams.screen import Screen

ROWS, COLUMNS = 8, 30
KEY = Masker([Rule("key", "ab[0-9]{6}", 2)])
BAR = "\x1b7\x1b[8;1Hprogress\x1b8"


@pytest.mark.parametrize(
    ("pieces", "keys"),
    [
        ([b"\x1b[5;1R"], b""),
        ([b"ls\r\x1b[5;1Rpwd"], b"ls\rpwd"),
        ([b"\x1b[A\x1b[5;1R\x1b[1;5C"], b"\x1b[A\x1b[1;5C"),
        ([b"a\x1b[", b"5;1", b"Rb"], b"a\x1b[5;1Rb"),  # where it is cut in front of its numbers it may be a key
        ([b"a\x1b[5", b";1", b"Rb"], b"ab"),
        ([b"\x1b[5", b"~\x1b[5;1R"], b"\x1b[5~"),
        ([b"\x1b[5;1R\x1b[7;2R"], b"\x1b[7;2R"),  # the second answers the command
        ([b"\x1b[200~\x1b[201~\x1b[5;1R"], b"\x1b[200~\x1b[201~"),
        ([b"\x1b[?62c\x1b[5;1R\x1b"], b"\x1b[?62c\x1b"),
    ],
)
def test_the_answer_is_taken_out_and_nothing_else(pieces: list[bytes], keys: bytes) -> None:
    rows: list[int] = []
    place = Place(rows.append)
    assert place.ask() == b"\x1b[6n"
    assert b"".join(map(place.typed, pieces)) == keys
    assert rows == ([4] if b"5;1R" not in keys else [])


def test_nothing_is_looked_for_where_nothing_was_asked() -> None:
    assert Place(lambda row: pytest.fail(str(row))).typed(b"\x1b[5;1R") == b"\x1b[5;1R"


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("row", [0, 3, 5])
def test_a_bar_at_a_place_with_a_number_parts_no_line(row: int, late: bool) -> None:
    """Of a key in two halves, between which a bar is drawn elsewhere, the second is known to go on the first."""
    display = KEY.display(ROWS, COLUMNS)
    with VtermJudge(ROWS, COLUMNS) as judge:
        judge.show(b"\n" * row + b"\r")
        assert display.asked()
        if not late:
            display.stood(row)
        judge.draw(display.feed(b"one\r\nkey ab12") + display.release())
        if late:
            display.stood(row)
        judge.draw(display.feed(f"{BAR}3456 end\r\n".encode()) + display.release())
        shown = judge.look()
    assert "key ab****** end" in shown.rows
    assert not any("12" in text or "34" in text for text in shown.rows)
    assert shown.cursor == (min(row + 2, ROWS - 1), 0)


@pytest.mark.parametrize("ago", [0.0, 1e9])  # seconds: a terminal that has not answered for so long never will
def test_an_answer_that_comes_late_is_not_left_to_the_shell(ago: float) -> None:
    rows: list[int] = []
    place = Place(rows.append)
    place.ask()
    reader, writer = os.pipe()
    os.write(writer, b"x\x1b[5;1R")
    terminal = SimpleNamespace(input=reader)
    asked_at = time.monotonic() - ago
    screen = SimpleNamespace(
        _backlog=0, _keys=b"", _terminal=terminal, _place=place, _reads_keys=True, _asked_at=asked_at
    )
    Screen.await_answer(screen)
    assert (rows, screen._keys) == (([], b"") if ago else ([4], b"x"))
    os.close(writer)
    os.close(reader)


def test_nor_where_the_command_has_ended() -> None:
    """The answer is awaited before the terminal is the shell's again."""
    calls: list[str] = []
    relay = SimpleNamespace(
        _terminal=SimpleNamespace(restore=lambda: calls.append("restore")),
        _screen=SimpleNamespace(await_answer=lambda: calls.append("await"), is_open=False),
        _loop=SimpleNamespace(close=lambda: None),
        _close_control=lambda: None,
        _status=0,
        _process=-1,
    )
    Relay._close(relay)
    assert calls == ["await", "restore"]


def test_a_row_that_is_known_is_not_asked_for() -> None:
    for drawn in (b"\x1b[H\x1b[2J", b"\x1b[?1049h\x1b[A", b"\x1b[6n\x1b[A"):  # and the command asks itself
        display = KEY.display(ROWS, COLUMNS)
        display.feed(drawn)
        assert display.draws
        assert not display.asked()


def test_it_is_not_asked_while_something_waits() -> None:
    display = KEY.display(ROWS, COLUMNS)
    display.feed(b"ab12")
    assert not display.asked()
