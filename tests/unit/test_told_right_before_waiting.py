"""Who serves a network and is told to end right before it waits does not sleep over it.

Python calls a signal's handler between its own instructions; in the moment between the last one and the system call
that waits, only a descriptor tells that one has come.
"""

from __future__ import annotations

import os
import signal

from aigate.network.reporting import wake_when_told
from aigate.streams.loop import Loop


def test_a_signal_that_came_before_ends_the_waiting() -> None:
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    woken = signal.set_wakeup_fd(-1)
    loop, late = Loop(), []
    try:
        wake_when_told(loop)
        os.kill(os.getpid(), signal.SIGTERM)
        loop.later(60, lambda: late.append(True))
        loop.turn()
        assert not late
    finally:
        os.close(signal.set_wakeup_fd(woken))
        signal.signal(signal.SIGTERM, before)
        loop.close()
