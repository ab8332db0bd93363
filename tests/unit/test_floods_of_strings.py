"""However many strings a program sends, whole, endless or begun anew: what waits is small, and none shows a token."""

from __future__ import annotations

import pytest

from aigate import Masker
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("all"))
TOKEN = b"ghp_" + b"aB3dE5fG7h" * 3 + b"aB3dE5"
MOST = 2 << 20  # bytes that wait: a string up to 1 MiB, to be looked at as a whole
FLOODS = {
    "titles": b"\x1b]0;" + TOKEN + b" of the build\x07",
    "links": b"\x1b]8;;https://x.example/" + TOKEN + b"\x1b\\x\x1b]8;;\x1b\\",
    "sized text": b"\x1b]66;s=2;" + TOKEN + b"\x1b\\ ",
    "unknown strings": b"\x1bP1;2z " + TOKEN + b"\x1b\\\x1b_x " + TOKEN + b"\x1b\\\x1b^y\x1b\\\x1bXz\x1b\\",
    "begun and never ended": b"\x1b]0;" + TOKEN + b" ",
    "cancelled": b"\x1b]2;" + TOKEN + b"\x18",
    "one without an end": TOKEN + b" words ",
}
DRAWS = (b"", b"\x1b[2J\x1b[H")  # as lines, and on a screen that is drawn


@pytest.mark.parametrize("draws", DRAWS, ids=["lines", "drawn"])
@pytest.mark.parametrize("name", FLOODS)
def test_what_waits_is_bounded(name: str, draws: bytes) -> None:
    display = MASKER.display(24, 80)
    begin = draws + (b"\x1b]0;" if name == "one without an end" else b"")
    out = [display.feed(begin)]
    for _ in range(40):
        out.append(display.feed(FLOODS[name] * (2000 if name == "one without an end" else 200)))
        assert display.held <= MOST
    shown = b"".join(out) + display.flush()
    assert TOKEN not in shown
    assert len(shown) >= 40 * 200 * 4
