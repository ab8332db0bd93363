"""Who asks for short turns of the processor has them; the share of time and the priority stay as they were."""

from __future__ import annotations

import os

import pytest
from turns import TAKES_TURNS, TURN, turns_of

from aigate import _linux

SHORT = 150_000


@pytest.mark.parametrize("nice", [0, 5])
def test_they_are_what_the_kernel_notes(nice: int) -> None:
    child = os.fork()
    if child == 0:
        os.nice(nice)
        before = turns_of(0)
        _linux.ask_for_short_turns(SHORT)
        after = turns_of(0)
        noted = after[TURN] == (SHORT if TAKES_TURNS else before[TURN])
        os._exit(0 if noted and after[1:TURN] == before[1:TURN] else 1)
    assert os.waitpid(child, 0)[1] == 0
