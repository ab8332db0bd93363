"""What programs draw, judged by libvterm: no screen shows a match, nothing else changes. It is quick: many cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from choice import budget
from drawing import COLUMNS, FRAMES, ROWS, check_frames
from hypothesis import HealthCheck, given, settings
from vterm import VtermJudge


@pytest.fixture(scope="module")
def judges() -> Iterator[tuple[VtermJudge, VtermJudge]]:
    with VtermJudge(ROWS, COLUMNS) as plain, VtermJudge(ROWS, COLUMNS) as masked:
        yield plain, masked


@settings(max_examples=budget(100, 300, 100_000), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=FRAMES)
def test_no_screen_shows_a_match(judges: tuple[VtermJudge, VtermJudge], frames: list[str]) -> None:
    check_frames(*judges, frames)
