"""A token that goes on below in a column that nothing is drawn around is masked in all of its rows."""

from __future__ import annotations

import itertools

import pytest
from vterm import VtermJudge

from aigate import Masker
from aigate.masking.rules import preset_rules

ROWS, COLUMNS = 12, 70
MASKER = Masker(preset_rules("all"))
TOKEN = "ghp_" + "q8Rt2LmZx7Vb4NcK1sPd9FgH3jWy6TuE5aQo"
PIECE = 5  # letters of which a reader learns something
WORDS = ("key:", "and", "more", "label:", "value", "name")
PANEL, CODE, PLAIN = "\x1b[48;5;236m", "\x1b[48;5;240m", "\x1b[m"


def wrapped(text: str, width: int) -> list[str]:
    return [text[at : at + width].ljust(width) for at in range(0, len(text), width)]


def at(column: int, rows: list[str]) -> str:
    return "".join(f"\x1b[{row};{column}H{text}" for row, text in enumerate(rows, 2))


def beside(width: int) -> list[str]:
    pairs = itertools.zip_longest(wrapped(f"a: {TOKEN} x", width), wrapped(f"bb: {TOKEN} y", width), fillvalue="")
    return [f"{left.ljust(width)}   {right}" for left, right in pairs]


SAID = f"key: {TOKEN} and more"
DRAWN = {
    "a column in the middle": lambda width: at(20, wrapped(SAID, width)),
    "two columns": lambda width: at(1, beside(width)),
    "set in": lambda width: at(
        9, ["- " + SAID[: width - 2], *("  " + row for row in wrapped(SAID[width - 2 :], width - 2))]
    ),
    "a panel": lambda width: at(20, [f"{PANEL}  {row}   {PLAIN}" for row in wrapped(SAID, width)]),
    "code in a panel": lambda width: at(
        20, [f"{PANEL}  {row.replace('ghp_', CODE + 'ghp_')}{PANEL}   {PLAIN}" for row in wrapped(SAID, width)]
    ),
    "a name beside it": lambda width: at(
        1, [f"{'name' * (n == 0):8}{row}" for n, row in enumerate(wrapped(TOKEN, width))]
    ),
    "and something else below": lambda width: at(20, [*wrapped(TOKEN, 10 if width > 20 else width), "label: value"]),
}
MARGINS = ["> ", "+ ", "- ", "# ", "// ", "12: ", "* ", "⎿ ", ": ", "! "]
SIDES = ["+", "#", "!", ":", "]", "*", "¦", "｜", "├", "❙", "░"]


def shown(drawn: str) -> tuple[list[str], list[str]]:
    """Return the rows without masks and with them."""
    frame = f"\x1b[H\x1b[2J{drawn}\x1b[12;1H".encode()
    display = MASKER.display(ROWS, COLUMNS)
    with VtermJudge(ROWS, COLUMNS) as judge:
        return judge.show(frame).rows, judge.show(display.feed(frame) + display.release()).rows


def check(drawn: str) -> None:
    rows, masked = shown(drawn)
    pieces = {TOKEN[start : start + PIECE] for start in range(4, len(TOKEN) - PIECE + 1)}
    assert any(piece in row for row in rows for piece in pieces)
    assert not [row for row in masked if any(piece in row for piece in pieces)]
    for row, seen in zip(rows, masked, strict=True):
        assert len(seen) == len(row)
        assert all(letter in (real, "*") for real, letter in zip(row, seen, strict=True))
        others = row.replace(TOKEN, "")
        assert [word for word in WORDS if (word in others) != (word in seen)] == []


@pytest.mark.parametrize("width", [20, 26, 30])
@pytest.mark.parametrize("place", DRAWN)
def test_it_is_masked_in_each_row(place: str, width: int) -> None:
    check(DRAWN[place](width))


@pytest.mark.parametrize("margin", MARGINS)
def test_and_behind_a_margin_of_marks(margin: str) -> None:
    check(at(1, [margin + row for row in wrapped(SAID, 26)]))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("pad", ["", " "])
def test_and_between_sides_of_other_marks(side: str, pad: str) -> None:
    if pad or side not in "+*":  # those could be letters of it
        check(at(5, [f"{side}{pad}{row}{pad}{side}" for row in wrapped(SAID, 26)]))


@pytest.mark.parametrize(
    "rows",
    [
        [TOKEN, f"ghp_{'Z9y8' * 9}"],  # two, of which one is no part of the other
        ["ghp_no", "end"],
        ["see ghp_example", "or a name"],
        ["sk-ant-short", "documentation-of-more"],
        ["npm_lifecycle_event", "npm_lifecycle_script"],
    ],
)
def test_what_stands_below_something_else_stays(rows: list[str]) -> None:
    plain, masked = shown(at(5, rows))
    wanted = [row.replace(TOKEN, "ghp_" + "*" * 36).replace("Z9y8" * 9, "*" * 36) for row in plain]
    assert masked == wanted
