"""What shows nothing between the letters of a token hides none of it: among plain lines, and where a row is full."""

from __future__ import annotations

import pytest
from vterm import VtermJudge

from aigate import Masker
from aigate.masking.rules import preset_rules

ROWS, COLUMNS = 8, 60
TOKEN = "ghp_" + "q8Rt2LmZx7Vb4NcK1sPd9FgH3jWy6TuE5aQo"
MASKER = Masker(preset_rules("all"))
UNSEEN = ["\u200b", "\u200d", "\u2060", "\ufeff", "\u034f", "\u200e", "\ufe0f", "\U000e0061", "\u200b\u200c", "\u0301"]
ODD = [b"\xff", b"\xc0", b"\x80", b"\xe9", b"\xed\xa0\x80"]  # which xterm.js leaves out


def shown(*pieces: bytes) -> tuple[list[str], bytes]:
    display = MASKER.display(ROWS, COLUMNS)
    out = b"".join(display.feed(piece) for piece in pieces) + display.release()
    with VtermJudge(ROWS, COLUMNS) as judge:
        return judge.show(out).rows, out


@pytest.mark.parametrize("between", UNSEEN, ids=ascii)
def test_characters_that_fill_no_cell(between: str) -> None:
    rows, _ = shown(f"key {between.join(TOKEN)} end\r\nnext\r\n".encode())
    assert "".join(letter for letter in rows[0] if letter not in between) == f"key ghp_{'*' * 36} end"
    assert rows[1] == "next"


def test_a_hyphen_that_some_terminals_leave_out() -> None:
    assert (
        shown(f"key {TOKEN[:10]}\u00ad{TOKEN[10:]} end\r\n".encode())[0][0] == f"key ghp_{'*' * 6}\u00ad{'*' * 30} end"
    )


@pytest.mark.parametrize("cut", range(14, 20))
def test_and_where_a_piece_of_output_ends_between_them(cut: int) -> None:
    data = f"key {TOKEN[:10]}\u200b{TOKEN[10:]} end\r\n".encode()
    assert "*" * 26 in shown(data[:cut], data[cut:])[0][0]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("before", [b"", b"\x1b[H\x1b[2J"])
def test_bytes_that_are_no_character(odd: bytes, before: bytes) -> None:
    _, out = shown(before + b"key " + TOKEN[:10].encode() + odd + TOKEN[10:].encode() + b" end\r\nnext\r\n")
    assert b"ghp_******" + odd + b"*" * 30 in out


@pytest.mark.parametrize("colour", ["", "\x1b[32m"])
def test_a_token_that_a_program_has_cut_at_the_edge(colour: str) -> None:
    """As rich and fold do, which write lines as wide as the screen."""
    first = f"{'x ' * 23}key {TOKEN[:10]}"
    assert len(first) == COLUMNS
    rows, _ = shown(f"{colour}{first}\r\n{TOKEN[10:]} end\r\n".encode())
    assert rows[:2] == [first.replace(TOKEN[4:10], "*" * 6), "*" * 30 + " end"]


@pytest.mark.parametrize(
    "text",
    [
        "caf\u00e9 and nai\u0308ve, de\u0301ja\u0300 vu\r\n",
        "a family \U0001f468\u200d\U0001f469\u200d\U0001f467 and 1\ufe0f\u20e3\r\n",
        "\u6f22\u5b57\u3067\u66f8\u304f\r\n",
        f"{'word ' * 11}words\r\nmore\r\n",
    ],
)
def test_other_text_comes_byte_for_byte(text: str) -> None:
    assert shown(text.encode())[1] == text.encode()
    assert shown(text.encode("latin-1", "replace"))[1] == text.encode("latin-1", "replace")
