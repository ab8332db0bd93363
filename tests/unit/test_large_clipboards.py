"""What a program writes to the clipboard is read before it gets there, also where that is much."""

from __future__ import annotations

import base64

import pytest

from aigate import Masker
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("all"))
TOKEN = b"ghp_" + b"aB3dE5fG7h" * 3 + b"aB3dE5"
DRAWS = b"\x1b[2J\x1b[H"


@pytest.mark.parametrize("before", [3_000, 3_001, 3_002, 60_000, 200_000])
@pytest.mark.parametrize("piece", [1_000, 1 << 20])
@pytest.mark.parametrize("draws", [b"", DRAWS])
def test_a_token_far_inside_is_hidden(before: int, piece: int, draws: bytes) -> None:
    text = (b"a line of it\n" * (before // 13 + 1))[:before] + b" " + TOKEN + b" and more\n" * 300
    data = draws + b"\x1b]52;c;" + base64.b64encode(text) + b"\x07."
    display = MASKER.display(24, 80)
    shown = b"".join(display.feed(data[at : at + piece]) for at in range(0, len(data), piece)) + display.flush()
    written = shown.split(b"\x1b]52;c;")[1].split(b"\x07")[0]
    assert base64.b64decode(written, validate=True) == text.replace(TOKEN, b"ghp_***")
