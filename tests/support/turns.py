"""How the kernel gives a process its turns of the processor."""

from __future__ import annotations

import ctypes
import os
import struct

SCHED_GETATTR = {"x86_64": 315, "aarch64": 275}
ATTRIBUTES = "=IIQiIQQQ"  # struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period
TURN = 5  # of these the length of a turn, nanoseconds
TAKES_TURNS = tuple(int(part) for part in os.uname().release.split(".")[:2]) >= (6, 12)


def turns_of(process: int) -> tuple[int, ...]:
    """Return a process's attributes (sched_getattr(2))."""
    data = ctypes.create_string_buffer(struct.calcsize(ATTRIBUTES))
    number = SCHED_GETATTR[os.uname().machine]
    assert ctypes.CDLL(None, use_errno=True).syscall(number, process, data, len(data), 0) == 0
    return struct.unpack(ATTRIBUTES, data.raw)
