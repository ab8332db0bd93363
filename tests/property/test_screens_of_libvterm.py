"""What programs draw, judged by libvterm: no screen shows a match, nothing else changes. It is quick: many cases."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from choice import SEED, budget
from drawing import COLUMNS, FRAMES, ROWS, SAME_JUDGES, check_frames, pair, random_frames
from hypothesis import given, settings
from vterm import VtermJudge

Judges = tuple[VtermJudge, VtermJudge]


@pytest.fixture(scope="module")
def judges() -> Iterator[Judges]:
    with pair(lambda: VtermJudge(ROWS, COLUMNS)) as both:
        yield both


@settings(max_examples=budget(100, 300, 10_000), suppress_health_check=SAME_JUDGES)
@given(frames=FRAMES)
def test_no_screen_shows_a_match(judges: Judges, frames: list[str]) -> None:
    check_frames(*judges, frames)


def test_no_screen_of_many_shows_a_match(judges: Judges) -> None:
    """The seed of a case is in what fails: Random(seed)."""
    for seed in range(SEED << 32, (SEED << 32) + budget(300, 1000, 100_000)):
        frames = random_frames(Random(seed))  # noqa: S311 -- no secret comes of it
        try:
            check_frames(*judges, frames)
        except AssertionError as error:
            raise AssertionError(f"Random({seed}) draws {frames!r}") from error
