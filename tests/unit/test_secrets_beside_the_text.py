"""What a sequence carries is text of its own: no title, link, notification or clipboard shows a secret."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from aigate import Masker
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("all"))
TOKEN = "ghp_" + "aB3dE5fG7h" * 3 + "aB3dE5"
DRAWS = b"\x1b[2J\x1b[3;4H"  # a program that goes to a place is followed by the model of the screen
CARRIED = [
    f"\x1b]0;deploying with {TOKEN}\x07",
    f"\x1b]2;{TOKEN} - shell\x1b\\",
    f"\x1b]1;{TOKEN}\x07",
    f"\x1b]8;;https://host.example/?token={TOKEN}&a=b\x1b\\here\x1b]8;;\x1b\\",
    f"\x1b]8;id={TOKEN};https://host.example/\x1b\\here\x1b]8;;\x1b\\",
    f"\x1b]9;done: {TOKEN}\x07",
    f"\x1b]99;i=1;{TOKEN}\x1b\\",
    f"\x1b]777;notify;the title;password=hunter2!{TOKEN}\x1b\\",
    f"\x1b]1337;SetMark={TOKEN}\x07",
    f"\x1bP1$r {TOKEN}\x1b\\",
    f"\x1b_{TOKEN}\x1b\\",
]


def piped(data: bytes) -> bytes:
    return MASKER.mask(data)


def in_bytes(data: bytes) -> bytes:
    stream = MASKER.stream()
    return b"".join(stream.feed(data[at : at + 1]) for at in range(len(data))) + stream.flush()


def on_a_terminal(data: bytes) -> bytes:
    stream = MASKER.stream(terminal=True)
    return b"".join(stream.feed(data[at : at + 7]) for at in range(0, len(data), 7)) + stream.flush()


def on_lines_of_a_display(data: bytes) -> bytes:
    display = MASKER.display(24, 80)
    return b"".join(display.feed(data[at : at + 7]) for at in range(0, len(data), 7)) + display.flush()


def on_a_drawn_display(data: bytes) -> bytes:
    display = MASKER.display(24, 80)
    shown = display.feed(DRAWS) + b"".join(display.feed(data[at : at + 7]) for at in range(0, len(data), 7))
    return (shown + display.flush()).removeprefix(DRAWS)


WAYS = [piped, in_bytes, on_a_terminal, on_lines_of_a_display, on_a_drawn_display]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", CARRIED)
def test_it_is_hidden_inside_of_its_sequence(text: str, way: Callable[[bytes], bytes]) -> None:
    shown = way(f"before {text} behind\n".encode())
    assert b"aB3dE5" not in shown
    assert b"***" in shown
    before, behind = text.split(TOKEN)
    assert shown.startswith(f"before {before[:4]}".encode())
    assert shown.rstrip().endswith(behind[-2:].encode() + b" behind")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("begin", ["\x1b]52;c;", "\x1b]5522;type=wdata;", "\x1b]99;e=1;", "\x1b]1337;Copy=:"])
def test_a_clipboard_is_read_before_it_is_written(begin: str, way: Callable[[bytes], bytes]) -> None:
    text = base64.b64encode(f"one line\nuse {TOKEN}\nlast\n".encode()).decode()
    shown = way(f"{begin}{text}\x07.\n".encode())
    kept = shown.removeprefix(begin.encode()).split(b"\x07")[0]
    assert base64.b64decode(kept, validate=True) == b"one line\nuse ghp_***\nlast\n"


@pytest.mark.parametrize("way", WAYS)
def test_what_carries_no_secret_passes(way: Callable[[bytes], bytes]) -> None:
    clip = base64.b64encode(b"a clipboard, of no matter").decode()
    text = f"\x1b]0;title\x07\x1b]52;c;{clip}\x07\x1b]8;;http://h/\x1b\\x\x1b]8;;\x1b\\\x1b]9;4;1;50\x07\x1bP$qm\x1b\\.\n".encode()
    assert way(text) == text


def test_an_open_link_is_opened_again_as_it_was_shown() -> None:
    display = MASKER.display(24, 80)
    link = f"\x1b]8;;https://host.example/{TOKEN}\x1b\\".encode()
    display.feed(DRAWS + link + TOKEN[:11].encode() + b"\x1b[4;1H")
    display.release()
    shown = display.feed(b"\x1b[3;15H" + TOKEN[11:].encode()) + display.release()
    assert b"https://host.example/ghp_***" in shown
    assert b"aB3dE5" not in shown.replace(TOKEN[20:].encode(), b"")


@pytest.mark.parametrize("draws", [b"", DRAWS])
def test_patience_that_ends_in_the_middle_hides_the_rest(draws: bytes) -> None:
    display = MASKER.display(24, 80)
    shown = display.feed(draws + b"\x1b]0;key ") + display.release()
    shown += display.feed(TOKEN[:24].encode()) + display.feed(TOKEN[24:].encode() + b" x\x07") + display.flush()
    assert shown.endswith(b"\x1b]0;key ghp_*** x\x07")


def test_each_counts_once_and_belongs_to_its_rule() -> None:
    stream = MASKER.stream()
    stream.feed(f"\x1b]0;{TOKEN}\x07\x1b]8;;http://h/{TOKEN}\x07{TOKEN}\n".encode())
    assert stream.counts["github"] == 3
