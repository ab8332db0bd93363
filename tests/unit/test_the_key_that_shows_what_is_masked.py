"""One key is found in what terminals send, however they spell it, and nowhere where it is not a finger's."""

from __future__ import annotations

import pytest

from aigate.config.chord import spellings
from aigate.streams.keys import Keys

PRESSES = [
    ("ctrl-f12", b"\x1b[24;5~"),
    ("ctrl-f12", b"\x1b[24;69~"),
    ("ctrl-f12", b"\x1b[24;5:1~"),
    ("ctrl-f12", b"\x1b[24;133:2~"),
    ("ctrl-]", b"\x1d"),
    ("ctrl-]", b"\x1b[93;5u"),
    ("ctrl-]", b"\x1b[27;5;93~"),
    ("ctrl-]", b"\x1b[93:125:93;5:1u"),
    ("ctrl-]", b"\x1b[93;69;29u"),
    ("alt-m", b"\x1bm"),
    ("alt-m", b"\x1b[109;3u"),
    ("ctrl-f1", b"\x1b[1;5P"),
    ("ctrl-alt-v", b"\x1b\x16"),
]
NO_PRESSES = [
    b"\x1b[24~",
    b"\x1b[24;2~",
    b"\x1b[24;5R",
    b"\x1b[?24;5~",
    b"\x1b]52;c;\x1b[24;5~\x1b\\",
    b"\x1bP1$r\x1b[24;5~\x1b\\",
    b"\x1b]lx\x1b[24;5~\x07",
    b"\x1b[200~a\x1b[24;5~\x1b[201~",
    b"\x1b[M\x1b[24;5~"[:6],
    b"24;5~",
    b"\x1b[1;5R",
    b"[24;5~",
]


@pytest.mark.parametrize(("name", "sent"), PRESSES)
def test_a_press_is_found_and_taken_out(name: str, sent: bytes) -> None:
    assert Keys(spellings(name)).take(b"a\x1b[A" + sent + b"b" + sent) == (b"a\x1b[Ab", 2)


def test_a_key_that_is_let_go_is_taken_out_and_no_press() -> None:
    assert Keys(spellings("ctrl-f12")).take(b"\x1b[24;5:3~") == (b"", 0)


@pytest.mark.parametrize("sent", NO_PRESSES)
def test_the_same_bytes_elsewhere_are_none(sent: bytes) -> None:
    assert Keys(spellings("ctrl-f12")).take(sent) == (sent, 0)
    control = sent.replace(b"\x1b[24;5~", b"\x1d")
    assert Keys(spellings("ctrl-]")).take(control) == (control, 0)


def test_an_answer_and_a_paste_go_on_in_the_next_piece() -> None:
    for begin, end in ((b"\x1b]11;", b"\x1b\\"), (b"\x1bP1$r", b"\x07"), (b"\x1b[200~", b"\x1b[201~")):
        keys = Keys(spellings("ctrl-f12"))
        assert keys.take(begin) == (begin, 0)
        assert keys.take(b"\x1b[24;5~") == (b"\x1b[24;5~", 0)
        assert keys.take(end + b"\x1b[24;5~") == (end, 1)


def test_a_string_without_an_end_is_none_after_a_while() -> None:
    keys = Keys(spellings("ctrl-f12"))
    keys.take(b"\x1b]")  # a finger on Alt and ]
    keys.settle()
    assert keys.take(b"\x1b[24;5~") == (b"", 1)


def test_without_a_key_everything_passes() -> None:
    assert Keys(()).take(b"\x1b[24;5~\x1b]x") == (b"\x1b[24;5~\x1b]x", 0)
