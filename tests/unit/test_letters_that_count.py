"""A letter answers a question only where a person typed it, not within replies, pastes or words of a mouse."""

from __future__ import annotations

import pytest

from aigate.streams.letters import Letters

TYPED = {
    "letter": b"o",
    "kitty": b"\x1b[111u",
    "kitty with modifiers": b"\x1b[111;1u",
    "kitty, pressed": b"\x1b[111;1:1u",
}
NOT_TYPED = {
    "several letters": b"oo",
    "a word": b"always",
    "alt": b"\x1bo",
    "an arrow": b"\x1b[A",
    "a function key": b"\x1bOo",
    "a colour that was asked for": b"\x1b]11;rgb:o/o/o\x07",
    "a title that was asked for": b"\x1b]lo\x1b\\",
    "a setting": b"\x1bP1$ro\x1b\\",
    "a place of the cursor": b"\x1b[12;40R",
    "what it is": b"\x1b[?64;1;2c",
    "kitty's flags": b"\x1b[?111u",
    "kitty with control": b"\x1b[111;5u",
    "a mouse": b"\x1b[M ao",
    "a paste": b"\x1b[200~o\x1b[201~",
}


@pytest.mark.parametrize("name", TYPED)
def test_what_is_typed_counts(name: str) -> None:
    keys = Letters()
    assert keys.plain(TYPED[name]) == b"o"
    assert keys.plain(b"n") == b"n"


@pytest.mark.parametrize("name", NOT_TYPED)
@pytest.mark.parametrize("whole", [True, False])
def test_what_is_not_typed_does_not(name: str, whole: bool) -> None:
    data = NOT_TYPED[name]
    keys = Letters()
    pieces = [data] if whole else [bytes((byte,)) for byte in data]
    heard = [keys.plain(piece) for piece in pieces]
    if name not in ("several letters", "a word") or whole:
        assert b"o" not in heard
        assert b"a" not in heard
    assert keys.plain(b"o") == b"o", "and afterwards it does"
