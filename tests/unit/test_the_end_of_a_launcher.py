"""The command's status is what process 1 says; a launcher that fails before is told, one that never ends is ended."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace

import pytest

from aigate import _linux
from aigate.streams import relay
from aigate.streams.terminal import Streams

KILLED = 128 + signal.SIGKILL
ENDLESS = -1


def carried(reports: tuple[bytes, ...], code: int) -> tuple[int, bool]:
    """Run a launcher that reports as process 1 and ends with a code, or never; return status and whether lost."""
    ready, _life = os.pipe()
    one = relay.Relay(Streams((), (0, 1, 2), merged=False), None, None, Guard(_life), lambda _: None)
    (theirs, *_) = one.handed_over()
    alive, held = os.pipe()
    sent, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(held)
        for report in reports:
            _linux.send(theirs, report)
        os.close(theirs)
        os.close(sending)
        if code == ENDLESS:
            os.read(alive, 1)
        os._exit(code)
    os.close(sending)
    os.read(sent, 1)  # ends when all is sent: how long that takes is nothing the test is about
    status = one.carry(child, ready)
    for descriptor in (ready, _life, alive, held, sent):
        os.close(descriptor)
    return status, one.lost


class Guard(SimpleNamespace):
    """One that is told and does nothing."""

    def __init__(self, life: int) -> None:
        super().__init__(life=life, watch=lambda _: None)


@pytest.mark.parametrize(
    ("reports", "code", "status", "lost"),
    [
        ((b"R\0", b"X\7"), 7, 7, False),
        ((b"R\0", b"X\7"), 1, 7, False),
        ((b"R\0", b"K\x0f"), 1, 128 + 15, False),
        ((b"R\0",), 1, 1, True),
        ((b"R\0",), 137, 137, True),
        ((), 1, 1, False),
    ],
)
def test_it_ends(reports: tuple[bytes, ...], code: int, status: int, lost: bool) -> None:
    assert carried(reports, code) == (status, lost)


@pytest.mark.parametrize(("reports", "status", "lost"), [((b"R\0", b"X\7"), 7, False), ((b"R\0",), KILLED, True)])
def test_it_does_not_end(reports: tuple[bytes, ...], status: int, lost: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "PATIENCE_SECONDS", 0.01)
    assert carried(reports, ENDLESS) == (status, lost)
