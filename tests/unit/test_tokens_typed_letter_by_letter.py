"""What follows the certain beginning of a token is masked as it comes, and shown again if it is none in the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from judge import ANEW, Judge

from aigate import Masker
from aigate.masking.rules import preset_rules

ROWS, COLUMNS = 12, 70
MASKER = Masker(preset_rules("all"))
TOKEN = "ghp_" + "aB3dE5fG7h" * 3 + "aB3dE5"
KEY = "sk-ant-api03-" + "aB3dE5" * 15
PLACES = {"lines": "key ", "drawn": "\x1b[H\x1b[2J\x1b[3;3H", "another screen": "\x1b[?1049h\x1b[5;1H"}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(ROWS, COLUMNS) as judge:
        yield judge


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("token", "shown"), [(TOKEN, "ghp_"), (KEY, "sk-ant-")])
def test_no_letter_behind_it_is_ever_shown(place: str, token: str, shown: str) -> None:
    display = MASKER.display(ROWS, COLUMNS)
    display.feed(PLACES[place].encode())
    for letter in shown.encode():
        display.feed(bytes([letter]))
    display.release()
    for letter in token[len(shown) :].encode():
        assert display.feed(bytes([letter])).strip(b"*\r\n") == b""
        assert display.held == 0


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("size", [1, 3])
def test_a_token_stays_masked_and_counts_once(judge: Judge, place: str, size: int) -> None:
    display = MASKER.display(ROWS, COLUMNS)
    data = f"{TOKEN} end".encode()
    judge.draw(ANEW + display.feed(PLACES[place].encode()))
    for at in range(0, len(data), size):
        judge.draw(display.feed(data[at : at + size]) + display.release())
    judge.draw(display.flush())
    hidden = f"{PLACES[place]}ghp_{'*' * 36} end"
    shown = judge.look()
    assert shown == judge.show(hidden.encode())
    assert display.counts["github"] == 1


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", ["ghp_short end", "ghp_no\r\nend", "ghp_a.b", "sk-ant-x y", "xghp_aaa"])
def test_what_is_none_in_the_end_is_shown(judge: Judge, place: str, text: str) -> None:
    display = MASKER.display(ROWS, COLUMNS)
    judge.draw(ANEW + display.feed(PLACES[place].encode()))
    data = text.encode()
    for at in range(len(data)):
        judge.draw(display.feed(data[at : at + 1]) + display.release())
    judge.draw(display.feed(b"\r\n") + display.flush())
    shown = judge.look()
    assert shown == judge.show(PLACES[place].encode() + data + b"\r\n")
    assert not any(display.counts.values())


def test_a_smaller_window_while_an_end_is_undecided() -> None:
    display = MASKER.display(24, COLUMNS)
    out = display.feed(b"\x1b[H\x1b[2J\x1b[20;1Hkey ghp")
    display.resize(3, 10)
    out += display.feed(b"") + display.release()
    assert out.count(b"ghp") == 1
