"""A secret on a screen is masked however a program draws it, cell for cell, and nothing else changes place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from judge import Judge, Shown

from aigate import Masker
from aigate.masking.rules import preset_rules

ROWS, COLUMNS = 24, 80
MASKER = Masker(preset_rules("all"))
TOKEN = "ghp_" + "aB3dE5fG7h" * 3 + "aB3dE5"
STARS = "ghp_" + "*" * 36
LONG = "sk-ant-" + "api03-" + "aB3dE5" * 16
BEARER = "aB3dE5fG7h" * 3
CLEAR = "\x1b[H\x1b[2J"
FRAMED = 66  # cells between the sides of a box


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(ROWS, COLUMNS) as judge:
        yield judge


def masked(*frames: str | bytes) -> list[bytes]:
    """Return what a terminal gets of each frame, 100 ms after it."""
    display = MASKER.display(ROWS, COLUMNS)
    data = (frame if isinstance(frame, bytes) else frame.encode() for frame in frames)
    return [display.feed(frame) + display.release() for frame in data] + [display.flush()]


def box(text: str, padding: int) -> list[str]:
    width = FRAMED - 2 * padding
    rows = [text[at : at + width] for at in range(0, len(text), width)]
    sides = [f"│{' ' * padding}{row.ljust(width)}{' ' * padding}│" for row in rows]
    return [f"╭{'─' * FRAMED}╮", *sides, f"╰{'─' * FRAMED}╯"]


def at(row: int, column: int, text: str) -> str:
    return f"\x1b[{row};{column}H{text}"


def check(judge: Judge, frames: list[str | bytes], wanted: list[str]) -> Shown:
    """Compare the first rows with what is wanted, and the cursor with where it is without masks."""
    plain = [frame if isinstance(frame, bytes) else frame.encode() for frame in frames]
    cursor = judge.show(*plain).cursor
    shown = judge.show(*masked(*frames))
    assert shown.rows[: len(wanted)] == wanted
    assert shown.cursor == cursor
    return shown


def test_a_name_and_a_token_with_a_move_between(judge: Judge) -> None:
    """As ncurses draws columns."""
    check(judge, [CLEAR + "GitHub" + at(1, 37, TOKEN) + at(5, 1, "")], ["GitHub" + " " * 30 + STARS])


def test_a_header_drawn_without_its_blanks(judge: Judge) -> None:
    """As ratatui sends what differs from an empty screen."""
    words = at(3, 1, "Authorization:") + at(3, 16, "Bearer") + at(3, 23, BEARER)
    check(judge, ["\x1b[?1049h" + CLEAR + words], ["", "", "Authorization: Bearer " + "*" * 30])


def test_a_token_drawn_over_another_one(judge: Judge) -> None:
    """Equal cells are not sent again."""
    second = at(1, 21, "Z9y8X7w6V5u4T3s2R1q0") + at(3, 1, "")
    check(judge, [CLEAR + TOKEN + "\r\n", second], [STARS])


def test_a_token_behind_what_resets_colours_on_some_terminals(judge: Judge) -> None:
    check(judge, ["key \x1b[1m" + TOKEN[:6] + "\x1b[m\x0f" + TOKEN[6:] + "\r\n"], ["key " + STARS])


def test_letters_struck_twice(judge: Judge) -> None:
    """As nroff makes them bold."""
    check(judge, ["".join(f"{letter}\b{letter}" for letter in TOKEN) + "\r\n"], [STARS])


@pytest.mark.parametrize("between", ["\0", "\x7f"])
def test_letters_with_nothing_between_them(judge: Judge, between: str) -> None:
    """NUL: UTF-16 text."""
    check(judge, [between.join(TOKEN) + "\r\n"], [STARS])


def test_a_token_put_together_out_of_order(judge: Judge) -> None:
    check(judge, [at(2, 21, TOKEN[20:]) + at(2, 1, TOKEN[:20]) + at(5, 1, "")], ["", STARS])


def test_a_token_put_together_by_insert_mode(judge: Judge) -> None:
    check(judge, [TOKEN[20:] + "\r\x1b[4h" + TOKEN[:20] + "\x1b[4l\r\n"], [STARS])


def test_a_token_put_together_by_deleting(judge: Judge) -> None:
    check(judge, [CLEAR + TOKEN[:20] + "---" + TOKEN[20:] + at(1, 21, "\x1b[3P")], [STARS])


def test_a_token_put_together_by_repeating(judge: Judge) -> None:
    check(judge, [CLEAR + TOKEN[:30] + "a\x1b[9b" + at(3, 1, "")], [STARS])


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("first", ["", "\x1b[?1049h" + CLEAR])
def test_a_key_wrapped_in_a_box(judge: Judge, padding: int, first: str) -> None:
    """As ratatui and Ink wrap it; the sides stay where they are."""
    text = "k: " + LONG
    stars = "k: sk-ant-" + "*" * (len(LONG) - 7)
    check(judge, [first + "\r\n".join(box(text, padding)) + "\r\n"], box(stars, padding))


def test_a_key_wrapped_by_the_terminal(judge: Judge) -> None:
    stars = "k: sk-ant-" + "*" * (len(LONG) - 7)
    check(judge, [CLEAR + "k: " + LONG], [stars[:COLUMNS], stars[COLUMNS:]])


def test_a_key_that_comes_four_letters_a_frame(judge: Judge) -> None:
    frames = [at(2, 3 + n, TOKEN[n : n + 4]) + at(9, 1, "") for n in range(0, len(TOKEN), 4)]
    check(judge, [CLEAR, *frames], ["", "  " + STARS])


def test_a_token_typed_letter_by_letter(judge: Judge) -> None:
    check(judge, ["$ ", *TOKEN, "\r\n"], ["$ " + STARS])


def test_three_rows_of_keys_and_a_status_line(judge: Judge) -> None:
    rows = "".join(at(row, 3, TOKEN) for row in (2, 3, 4))
    shown = check(judge, [CLEAR + rows + at(24, 1, "status line") + at(24, 40, "right")], ["", *["  " + STARS] * 3, ""])
    assert shown.rows[23] == "status line".ljust(39) + "right"


def test_a_border_beside_a_token_stays(judge: Judge) -> None:
    check(judge, [CLEAR + f"│ Bearer {BEARER} │"], ["│ Bearer " + "*" * 30 + " │"])
    check(judge, [CLEAR + f"│Bearer {BEARER}│"], ["│Bearer " + "*" * 30 + "│"])


def test_nothing_remains_of_what_a_pager_scrolled(judge: Judge) -> None:
    """As less goes forward a line at a time and clears behind each."""
    lines = [f"line {n} {TOKEN if n % 3 == 0 else 'nothing'}\x1b[K\r\n" for n in range(40)]
    page = CLEAR + "".join(lines[:23]) + ":"
    steps = [f"\r\x1b[K{line}:" for line in lines[23:]]
    wanted = [line.replace(TOKEN, STARS).removesuffix("\x1b[K\r\n") for line in lines[17:]] + [":"]
    check(judge, [page, *steps], wanted)


def test_what_scrolls_away_is_masked_before_it_goes(judge: Judge) -> None:
    data = (CLEAR + "\x1b[3;1H" + (TOKEN + "\r\n") * 60).encode()
    shown = judge.show(*masked(data), scrollback=True)
    assert sum(row == STARS for row in shown.rows) == 60
    assert not any("aB3" in row for row in shown.rows)


def test_a_private_key_that_is_drawn(judge: Judge) -> None:
    body = ["MIIB" + "aB3d" * 15, "aB3d" * 16, "aB3d" * 8]
    rows = ["-----BEGIN PRIVATE KEY-----", *body, "-----END PRIVATE KEY-----"]
    stars = [rows[0], *("*" * len(row) for row in body), rows[-1]]
    check(judge, [CLEAR + "".join(at(n, 1, row) for n, row in enumerate(rows, 1))], stars)
    check(judge, [CLEAR, *(at(n, 1, row) for n, row in enumerate(rows, 1))], stars)


def test_colours_stay_and_so_does_the_state_that_the_program_has_set(judge: Judge) -> None:
    begun = CLEAR + "\x1b[1;31m" + TOKEN[:20] + "\x1b[0;4;32m" + at(1, 30, "") + "\x1b[4h"
    frames = [begun, at(1, 21, TOKEN[20:]) + at(4, 1, ""), "below"]
    plain = [frame.encode() for frame in frames]
    judge.show(*plain)
    before = judge.look_with_styles()
    judge.show(*masked(*frames))
    wanted = [row.replace(TOKEN[20:], "*" * 20).replace(TOKEN[4:20], "*" * 16) for row in before]
    assert judge.look_with_styles() == wanted


@pytest.mark.parametrize(
    "state", ["\x1b[3;20r\x1b[?6h\x1b[5;7H", "\x1b[9;80Hx", "\x1b[9;79H漢", "\x1b[4h\x1b[9;9H", "\x1b[2;5r\x1b[9;9H"]
)
def test_the_cursor_is_where_the_program_left_it(judge: Judge, state: str) -> None:
    """Whatever it left: in a region of its own, behind the last column, inserting."""
    frames = [CLEAR + TOKEN[:20], "\x1b[1;21H" + TOKEN[20:39] + "\x1b[K" + at(1, 40, "6") + state, "on"]
    frames.insert(1, at(1, 21, ""))
    check(judge, frames, [STARS])


def test_what_is_drawn_over_a_mask_is_shown(judge: Judge) -> None:
    check(judge, [CLEAR + TOKEN, at(1, 1, "nothing to see\x1b[K")], ["nothing to see"])


def test_a_mask_moves_with_its_cells(judge: Judge) -> None:
    check(judge, [CLEAR + at(5, 1, TOKEN), "\x1b[2S", at(3, 1, "\x1b[2@")], ["", "", "  " + STARS])


def test_a_prompt_and_an_echo_are_not_kept() -> None:
    display = MASKER.display(ROWS, COLUMNS)
    assert display.feed(b"\x1b[?2004h$ ls\b") == b"\x1b[?2004h$ ls\b"
    assert display.held == 0


def test_an_undecided_end_is_kept_until_it_is_released() -> None:
    display = MASKER.display(ROWS, COLUMNS)
    assert display.feed(f"{CLEAR}key ghp".encode()) == f"{CLEAR}key ".encode()
    assert display.held == len("ghp")
    assert display.release() == b"ghp"
    assert b"aB3" not in display.feed(TOKEN[3:].encode()) + display.release()


def test_lines_are_masked_as_wide_as_they_are() -> None:
    for size in ((ROWS, COLUMNS), (0, 0)):
        display = MASKER.display(*size)
        out = display.feed(f"key \x1b[31m{TOKEN}\x1b[m\ttab\r\n".encode()) + display.flush()
        assert out == f"key \x1b[31m{STARS}\x1b[m\ttab\r\n".encode()
        assert display.counts["github"] == 1


def test_what_is_drawn_once_is_counted_once() -> None:
    display = MASKER.display(ROWS, COLUMNS)
    for _ in range(5):
        display.feed((CLEAR[:3] + at(2, 2, TOKEN)).encode())
    assert display.counts["github"] == 1


@pytest.mark.parametrize("end", ["\a", "\x1b\\"])
def test_sized_text_that_is_drawn_is_text_of_its_row(end: str) -> None:
    """OSC 66, which opencode draws with where the terminal knows it."""
    display = MASKER.display(ROWS, COLUMNS)
    frame = f"{CLEAR}{at(3, 5, '')}\x1b]66;s=1:w=0;{TOKEN}{end}{at(4, 1, 'next')}"
    out = display.feed(frame.encode()) + display.flush()
    assert out == frame.replace(TOKEN, STARS).encode()
    assert display.cells()[0][2:4] == ["    " + TOKEN, "next"]
