"""Sessions of agents and programs, recorded with tokens on their screens, played again: no frame shows one, none moves.

Claude Code 2.1.197, Codex 0.171.0, Gemini CLI 0.61.0, opencode 1.18.33, Copilot CLI 1.0.102 and aider 0.86.2, at 80x24,
100x30 and 200x60, had stand-ins for models that answered with tokens, ran a command that prints some where they run
commands, and had a token typed into their prompt; tmux 3.3a, less 590 and vim 9.0 showed files with some. All were
resized. A file is a list of outputs, as they came, and of [rows, columns].
"""

from __future__ import annotations

import gzip
import json
import pathlib

import pytest
from drawing import pair
from played import MASKER, PREFIX, SIZES, TOKEN
from vterm import VtermJudge

from aigate import Masker, Rule

SESSIONS = pathlib.Path(__file__).parents[1] / "golden" / "sessions"
AGENTS = ("claude", "codex", "gemini", "opencode", "copilot", "aider")
WIDE = "opencode-200x60"  # left out: its column beside the text has no sides, and wraps a token there
NAMES = {f"{agent}-{columns}x{rows}" for agent in AGENTS for rows, columns in SIZES} - {WIDE} | {"tmux", "less", "vim"}
OTHER = Masker([Rule("other", r"\bglpat-[0-9A-Za-z]{36}\b", 6)])
PIECES = {TOKEN[at : at + 8] for at in range(PREFIX, len(TOKEN) - 7)}


def recorded(name: str) -> list[list[int] | str]:
    return json.loads(gzip.decompress((SESSIONS / f"{name}.json.gz").read_bytes()))


@pytest.mark.parametrize("name", sorted(NAMES))
def test_no_frame_shows_a_piece_of_a_token(name: str) -> None:
    size, *session = recorded(name)
    display, hidden = MASKER.display(*size), 0
    with pair(lambda: VtermJudge(*size)) as (plain, masked):
        for judge in (plain, masked):
            judge.show(b"")
        for event in session:
            if isinstance(event, list):
                for screen in (display, plain, masked):
                    screen.resize(*event)
                continue
            plain.draw(event.encode("latin-1"))
            masked.draw(display.feed(event.encode("latin-1")) + display.release())
            there, shown = plain.look(), masked.look()
            assert shown.cursor == there.cursor, event
            for row, seen in zip(there.rows, shown.rows, strict=True):
                assert not any(piece in seen for piece in PIECES), event
                assert len(seen) == len(row), event
                assert all(letter in (real, "*") for real, letter in zip(row, seen, strict=True)), event
                hidden += TOKEN in row
    assert hidden > 1  # or nothing was looked for


@pytest.mark.parametrize("name", sorted(NAMES))
def test_without_a_match_every_byte_comes_as_it_is(name: str) -> None:
    size, *session = recorded(name)
    display = OTHER.display(*size)
    for event in session:
        if isinstance(event, list):
            display.resize(*event)
        else:
            data = event.encode("latin-1")
            assert display.feed(data) + display.release() == data
