"""Of a token that an edge, a box's side or an ellipsis has cut, no more is readable than of a whole one."""

from __future__ import annotations

import pytest
from vterm import VtermJudge

from aigate import Masker
from aigate.masking.rules import preset_rules

ROWS, COLUMNS = 8, 60
MASKER = Masker(preset_rules("all"))
TOKEN = "ghp_" + "q8Rt2LmZx7Vb4NcK1sPd9FgH3jWy6TuE5aQo"
BEARER = "Zk4qT9wLm2Xc7Vb1Ns8Rd3Fg6Hj5Pw0Q"
ANEW = "\x1b[?1049h\x1b[H\x1b[2J"
PIECE = 4  # letters of which a reader learns something

HEADS = {
    "the screen's edge": f"\x1b[2;{COLUMNS - 19}H{TOKEN[:20]}",
    "one cell in front of it": f"\x1b[2;{COLUMNS - 20}H{TOKEN[:20]}",
    "a pager's sign that there is more": f"\x1b[2;{COLUMNS - 20}H{TOKEN[:20]}\x1b[7m>\x1b[m",
    "the side of a box": f"\x1b[2;10H│ {TOKEN[:20]}│\x1b[3;10H└{'─' * 21}┘",
    "an ellipsis": f"\x1b[2;5H{TOKEN[:20]}… 3 days ago",
    "three dots": f"\x1b[2;5H{TOKEN[:20]}... 3 days ago",
    "two dots": f"\x1b[2;5H{TOKEN[:20]}.. │ 3 days ago",
    "a prompt over the rest": f"\x1b[7;{COLUMNS - 19}H{TOKEN[:20]} \b\x1b[7mtext\x1b[m\x1b[K",
}
PIECES = {
    "the end at the left edge": f"\x1b[2;1H{TOKEN[22:]} and more",
    "the end behind a margin": f"\x1b[2;1H     {TOKEN[22:]} and more",
    "the end in a box": f"\x1b[2;10H│ {TOKEN[22:]}   │",
    "the end behind an ellipsis": f"\x1b[2;3Hkey …{TOKEN[22:]}",
    "the middle of a box": f"\x1b[2;10H│{TOKEN[8:30]}│",
    "the middle under an indicator": f"\x1b[2;1H{TOKEN[8:30]}[1/2]",
    "the beginning of what no prefix tells": f"\x1b[2;{COLUMNS - 15}H{BEARER[:16]}",
}


def shown(*frames: str, resized: tuple[int, int] | None = None) -> list[str]:
    display, judge = MASKER.display(ROWS, COLUMNS), VtermJudge(ROWS, COLUMNS)
    with judge:
        judge.show(display.feed(ANEW.encode()))
        for frame in frames:
            judge.draw(display.feed(frame.encode()) + display.release())
            if resized:
                display.resize(*resized)
                judge.resize(*resized)
                resized = None
        return judge.look().rows


def leaks(rows: list[str], token: str, first: int) -> list[str]:
    pieces = {token[at : at + PIECE] for at in range(first, len(token) - PIECE + 1)}
    return [row for row in rows if any(piece in row for piece in pieces)]


@pytest.mark.parametrize("place", HEADS)
def test_its_beginning_is_hidden_behind_the_prefix(place: str) -> None:
    rows = shown(HEADS[place])
    assert "ghp_" + "*" * 16 in "".join(rows)
    assert not leaks(rows, TOKEN, 4)


@pytest.mark.parametrize("place", PIECES)
def test_what_was_hidden_before_is_known_again(place: str) -> None:
    whole = f"\x1b[1;1H{TOKEN}\x1b[2;1HAuthorization: Bearer {BEARER}\x1b[5;1H"
    rows = shown(whole, "\x1b[2J" + PIECES[place])
    assert "*" * 8 in "".join(rows)
    assert not leaks(rows, TOKEN, 4)
    assert not leaks(rows, BEARER, 0)


def test_and_after_a_change_of_size() -> None:
    whole = f"\x1b[1;{COLUMNS - 25}H{TOKEN[:26]}\x1b[2;1H{TOKEN[26:]} and more"
    rows = shown(whole, f"\x1b[H\x1b[2J{TOKEN[12:]} and more", resized=(ROWS, COLUMNS - 7))
    assert rows[0] == "*" * len(TOKEN[12:]) + " and more"


def test_and_among_the_lines_that_a_program_ends_with() -> None:
    farewell = "".join(f"line {n} of a longer text that says what was done\r\n" for n in range(20))
    rows = shown(f"\x1b[1;1H{TOKEN}\x1b[5;1H", f"\x1b[?1049l\x1b[H\x1b[2J\r\n{farewell}Session  {TOKEN[:20]}…\r\n")
    assert rows[-2].endswith("ghp_" + "*" * 16 + "…")


@pytest.mark.parametrize(
    "text",
    [
        f"\x1b[2;{COLUMNS - 13}Hnpm_lifecycle_",
        f"\x1b[2;{COLUMNS - 3}Hghp_",
        f"\x1b[2;{COLUMNS - 8}Hghp_a1b2c3d4 is an example that goes on in the next row",
        "\x1b[2;1Hghp_… and ghp_...",
        "\x1b[2;5Hghp_a1b2 stands alone",
        "\x1b[2;1Hwords at the left",
    ],
)
def test_what_is_none_stays_readable(text: str) -> None:
    whole = f"\x1b[1;1Hsecret_token='h7Jk2mQp9Zr4words'{TOKEN}\x1b[5;1H"
    with VtermJudge(ROWS, COLUMNS) as plain:
        plain.show((ANEW + "\x1b[2J" + text).encode())
        assert shown(whole, f"\x1b[2J{text}\x1b[6;1H") == plain.look().rows
