"""What programs draw, judged by xterm.js: no screen shows a match, and nothing else changes. `make test-clients`."""

from __future__ import annotations

import os
import pathlib
import subprocess
from collections.abc import Iterator

import pytest
from drawing import COLUMNS, FRAMES, ROWS, SAME_JUDGES, check_frames, pair
from hypothesis import given, settings
from recorded import NAMES, check_recorded, recorded
from xterm import PACKAGE, XtermJudge

INSTALL_SECONDS = 400


@pytest.fixture(scope="module")
def judges() -> Iterator[tuple[XtermJudge, XtermJudge]]:
    where = pathlib.Path(os.environ["AIGATE_CLIENTS"]).absolute()
    where.mkdir(parents=True, exist_ok=True)
    if not (where / "node_modules/@xterm/headless").exists():
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(where), PACKAGE]
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        assert done.returncode == 0, f"{PACKAGE} does not install: {done.stderr[-300:]}"
    with pair(lambda: XtermJudge(where, ROWS, COLUMNS)) as both:
        yield both


@settings(max_examples=300, suppress_health_check=SAME_JUDGES)
@given(frames=FRAMES)
def test_no_screen_shows_a_match(judges: tuple[XtermJudge, XtermJudge], frames: list[str]) -> None:
    check_frames(*judges, frames)


@pytest.mark.parametrize("name", NAMES)
def test_no_frame_of_a_recorded_session_shows_a_piece_of_a_token(
    judges: tuple[XtermJudge, XtermJudge], name: str
) -> None:
    for judge in judges:
        judge.rows, judge.columns = recorded(name)[0]
        judge.show(b"")
    check_recorded(*judges, name)
