"""What makes a sandbox may wait for a word that was lost: then the run ends with a line, and nobody waits for ever."""

from __future__ import annotations

import contextlib
import os
import signal
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from aigate.errors import EnforcementError
from aigate.session.life import Life
from aigate.streams import relay
from aigate.streams.terminal import Streams

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLED = 128 + signal.SIGKILL


@pytest.fixture
def silent() -> Iterator[int]:
    """A launcher that says nothing, and ends when this test does."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    yield child
    os.close(reader)
    os.close(writer)


def test_it_is_ended(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "PATIENCE_SECONDS", 0.01)
    reader, writer = os.pipe()
    carried = relay.Relay(
        Streams((), (0, 1, 2), merged=False), None, None, SimpleNamespace(life=writer), lambda _: None
    )
    assert carried.carry(silent, reader) == KILLED
    assert not carried.started
    assert carried.cancelled < 0
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize(("status", "cancelled", "told"), [(1, -1, True), (KILLED, -1, True), (130, 2, False)])
def test_whatever_it_died_of_is_told(status: int, cancelled: int, told: bool) -> None:
    heard, said = os.pipe()
    life = Life.__new__(Life)
    life._troubles = []
    life._heard = heard
    life._terminal = None
    life._group = SimpleNamespace(out_of_memory=False, refused_processes=0)
    life._relay = SimpleNamespace(started=False, cancelled=cancelled, lost=False, counts={}, failure=None)
    life.events = SimpleNamespace(limited=lambda *_, **__: None, ended=lambda *_: None)
    with pytest.raises(EnforcementError, match="could not be set up") if told else contextlib.nullcontext():
        assert life._finished(status) == status
    os.close(heard)
    os.close(said)
