"""Sessions of agents and programs, recorded with tokens on their screens, and what must hold when they are played."""

from __future__ import annotations

import gzip
import json
import pathlib

from played import MASKER, PREFIX, SIZES, TOKEN, AnyJudge

SESSIONS = pathlib.Path(__file__).parents[1] / "golden" / "sessions"
AT_ALL_SIZES = ("claude", "codex", "gemini", "opencode", "copilot", "aider", "ink", "fzf", "htop", "form")
NAMES = sorted(
    {f"{name}-{columns}x{rows}" for name in AT_ALL_SIZES for rows, columns in SIZES} | {"tmux", "less", "vim"}
)
PIECES = {TOKEN[at : at + 8] for at in range(PREFIX, len(TOKEN) - 7)}


def recorded(name: str) -> list[list[int] | str]:
    return json.loads(gzip.decompress((SESSIONS / f"{name}.json.gz").read_bytes()))


def check_recorded(plain: AnyJudge, masked: AnyJudge, name: str) -> None:
    """Compare two screens that are new and of the session's size after each frame, without masks and with them."""
    size, *session = recorded(name)
    display, hidden = MASKER.display(*size), 0
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
            hidden += any(piece in row for piece in PIECES)
    assert hidden > 1  # or nothing was looked for
