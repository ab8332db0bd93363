"""A token that grows letter by letter while the cursor is parked elsewhere is masked as it comes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from vterm import VtermJudge

from aigate import Masker
from aigate.masking.rules import preset_rules

ROWS, COLUMNS = 8, 60
TOKEN = "ghp_" + "aB3dE5fG7h" * 3 + "aB3dE5"
PARKED = "\x1b[8;3H"
MASKER = Masker(preset_rules("all"))
PLACES = {
    "at a place": lambda text: f"\x1b[3;5H{text}",
    "a row written anew": lambda text: f"\x1b[3;1H\x1b[2K> the key {text}\x1b[5;1H\x1b[2Kstatus",
    "in a box": lambda text: f"\x1b[3;1H│ {text.ljust(COLUMNS - 4)} │",
    "wrapped in a box": lambda text: (
        f"\x1b[3;1H│ {text[:20].ljust(20)} │\x1b[4;1H│ {text[20:].ljust(20)} │\x1b[6;1H└{'─' * 22}┘"
    ),
}


def screens(texts: list[str], draw: Callable[[str], str]) -> list[list[str]]:
    display, shown = MASKER.display(ROWS, COLUMNS), []
    with VtermJudge(ROWS, COLUMNS) as judge:
        judge.show(display.feed(b"\x1b[?1049h\x1b[H\x1b[2J"))
        for text in texts:
            judge.draw(display.feed(f"\x1b[?25l{draw(text)}{PARKED}\x1b[?25h".encode()) + display.release())
            shown.append(judge.look().rows)
            assert judge.look().cursor == (7, 2)
    return shown


@pytest.mark.parametrize("step", [1, 4])
@pytest.mark.parametrize("place", PLACES)
def test_no_letter_behind_the_prefix_is_seen(place: str, step: int) -> None:
    texts = [TOKEN[:end] for end in range(4, len(TOKEN) + 1, step)]
    for text, rows in zip(texts, screens(texts, PLACES[place]), strict=True):
        assert "ghp_" + "*" * (min(len(text), 20) - 4) in "".join(rows)
        assert "aB" not in "".join(rows)
        assert "dE" not in "".join(rows)


def typed_into(texts: list[str], behind: str) -> list[str]:
    """Draw texts as an editor does: what stands behind the cursor is drawn anew with each letter."""
    display, shown = MASKER.display(ROWS, COLUMNS), []
    with VtermJudge(ROWS, COLUMNS) as judge:
        judge.show(display.feed(b"\x1b[?1049h\x1b[H\x1b[2J"))
        for text in texts:
            letter = f"\x1b[3;{len(text)}H{text[-1]}{behind}" if len(text) > 1 else f"\x1b[3;1H{text}{behind}"
            for piece in (f"\x1b[?25l{letter}\x1b[3;{len(text) + 1}H", "\x1b[?25h"):
                judge.draw(display.feed(piece.encode()) + display.release())
            shown.append(judge.look().rows[2])
    return shown


@pytest.mark.parametrize("behind", ["hello there", '", and more', " and more", ") more"])
def test_a_token_typed_in_front_of_other_text(behind: str) -> None:
    texts = [TOKEN[:end] for end in range(1, 28)]  # with what is behind it, it would be a token then
    for text, row in zip(texts, typed_into(texts, behind), strict=True):
        assert row == text[:4] + "*" * (len(text) - 4) + behind


def test_a_cursor_that_walks_over_a_text_hides_nothing() -> None:
    display = MASKER.display(ROWS, COLUMNS)
    shown = display.feed(b"\x1b[?1049h\x1b[H\x1b[2Jghp_example1 and more\x1b[1;6H") + display.release()
    assert b"ghp_example1" in shown
    for _ in "example1":
        assert display.feed(b"\x1b[C") + display.release() == b"\x1b[C"


def test_what_stands_still_is_readable() -> None:
    assert "ghp_aB3d" in screens(["ghp_aB3d"] * 3, PLACES["at a place"])[-1][2]


@pytest.mark.parametrize("letters", [9, 20])
def test_what_begins_as_a_token_that_was_masked_is_known_at_first_sight(letters: int) -> None:
    texts = [TOKEN, f"{TOKEN} and\x1b[5;1H{TOKEN[: 4 + letters]}"]
    assert screens(texts, PLACES["at a place"])[-1][4].rstrip() == "ghp_" + "*" * letters


@pytest.mark.parametrize("letters", [8, 20])
def test_what_no_person_has_written_is_masked_at_first_sight(letters: int) -> None:
    for rows in screens([TOKEN[: 4 + letters]] * 2, PLACES["at a place"]):
        assert rows[2].strip() == "ghp_" + "*" * letters


@pytest.mark.parametrize("text", ["ghp_example1", "ghp_yourTokenHere", "ghp_a1b2c3d4", "npm_lifecycle_event2"])
def test_and_what_one_has_written_is_not(text: str) -> None:
    assert screens([text], PLACES["at a place"])[0][2].strip() == text


def test_what_goes_on_as_something_else_is_shown_again() -> None:
    shown = screens(["ghp_", "ghp_a", "ghp_aB", "ghp_aB is what keys look like"], PLACES["at a place"])
    assert "ghp_**" in shown[2][2]
    assert "ghp_aB is what keys look like" in shown[3][2]


def test_a_rule_of_dashes_is_no_beginning_of_a_key() -> None:
    rule = "-" * COLUMNS
    shown = screens([f"x\r\n{rule}\r\n y"] * 4, PLACES["at a place"])
    assert rule in shown[-1]
