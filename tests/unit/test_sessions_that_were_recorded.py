"""Sessions of agents and programs, recorded with tokens on their screens, played again: no frame shows one, none moves.

Claude Code 2.1.197, Codex 0.171.0, Gemini CLI 0.61.0, opencode 1.18.33, Copilot CLI 1.0.102 and aider 0.86.2, at 80x24,
100x30 and 200x60, had stand-ins for models that answered with tokens, ran a command that prints some where they run
commands, and had a token typed into their prompt; Ink 5.2.1 drew boxes and columns in which tokens grow, fzf 0.38 a
list with a preview, htop 3.2.2 command lines, ncurses 6.4 a form, at the same sizes; tmux 3.3a, less 590 and vim 9.0
showed files with some. All were resized. A file is a list of outputs, as they came, and of [rows, columns].
"""

from __future__ import annotations

import pytest
from drawing import pair
from recorded import NAMES, check_recorded, recorded
from vterm import VtermJudge

from aigate import Masker, Rule

OTHER = Masker([Rule("other", r"\bglpat-[0-9A-Za-z]{36}\b", 6)])


@pytest.mark.parametrize("name", NAMES)
def test_no_frame_shows_a_piece_of_a_token(name: str) -> None:
    with pair(lambda: VtermJudge(*recorded(name)[0])) as (plain, masked):
        for judge in (plain, masked):
            judge.show(b"")
        check_recorded(plain, masked, name)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_match_every_byte_comes_as_it_is(name: str) -> None:
    size, *session = recorded(name)
    display = OTHER.display(*size)
    for event in session:
        if isinstance(event, list):
            display.resize(*event)
        else:
            data = event.encode("latin-1")
            assert display.feed(data) + display.release() == data
