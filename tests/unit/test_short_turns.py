"""The watch asks for short turns of the processor; its share of time and its priority stay as they were."""

from __future__ import annotations

import ctypes
import os
import struct

import pytest

from aigate import _events

SCHED_GETATTR = {"x86_64": 315, "aarch64": 275}
ATTRIBUTES = "=IIQiIQQQ"  # struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period
SHORT, TAKEN_SINCE = 150_000, (6, 12)


def turns_of(process: int) -> tuple[int, ...]:
    """Return a process's attributes (sched_getattr(2))."""
    data = ctypes.create_string_buffer(struct.calcsize(ATTRIBUTES))
    number = SCHED_GETATTR[os.uname().machine]
    assert ctypes.CDLL(None, use_errno=True).syscall(number, process, data, len(data), 0) == 0
    return struct.unpack(ATTRIBUTES, data.raw)


@pytest.mark.parametrize("nice", [0, 5])
def test_they_are_what_the_kernel_notes(nice: int) -> None:
    child = os.fork()
    if child == 0:
        os.nice(nice)
        before = turns_of(0)
        _events.ask_for_short_turns(SHORT)
        after = turns_of(0)
        release = tuple(int(part) for part in os.uname().release.split(".")[:2])
        noted = after[5] == (SHORT if release >= TAKEN_SINCE else before[5])
        os._exit(0 if noted and after[1:5] == before[1:5] else 1)
    assert os.waitpid(child, 0)[1] == 0
