"""Who stops the group of aigate's job does not stop, or speak through, the process that waits to wake aigate."""

from __future__ import annotations

import os
import signal

from aigate.streams.posix import forget_signals, message_pair, read_signal, signal_descriptor
from aigate.streams.waker import Waker


def test_it_is_in_a_group_of_its_own_from_the_start() -> None:
    ours, theirs = message_pair()
    try:
        for _ in range(20):  # a child that has not run yet is the case in question
            with Waker(ours) as waker:
                assert os.getpgid(waker._process) == waker._process
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_signal_for_the_group_is_noted_once() -> None:
    before = os.getpgid(0)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        signals = signal_descriptor((signal.SIGUSR1,))
        ours, _theirs = message_pair()
        wrong = 0
        for _ in range(20):
            with Waker(ours):
                os.killpg(0, signal.SIGUSR1)
            read_signal(signals)
            try:
                read_signal(signals)
                wrong += 1
            except BlockingIOError:
                pass
        forget_signals()
        os._exit(wrong)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert os.getpgid(0) == before
