"""What fails in a forked process is told by aigate in one line, and the process goes: it never goes on as aigate."""

from __future__ import annotations

import marshal
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from aigate.launch import spawning
from aigate.launch.child import Surroundings, complaint
from aigate.network.reporting import end_server
from aigate.watch import clerk, process
from aigate.watch.words import hear

if TYPE_CHECKING:
    from collections.abc import Callable

PLAN = SimpleNamespace(blobs=(), environment=(), command=("true",), tool="", init="/nowhere/init", options=(), steps=())
ERRORS = [
    (OSError(5, "Input/output error"), "/nowhere/init cannot be started: Input/output error"),
    (MemoryError(), "the sandbox could not be set up: there is not enough memory"),
    (KeyError("x"), "the sandbox could not be set up: this is a mistake in aigate: KeyError: 'x'"),
]


def failing(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(("error", "words"), ERRORS)
def test_the_wait_before_a_sandbox_is_made(error: Exception, words: str) -> None:
    heard, said = os.pipe()
    made = dict.fromkeys(Surroundings.__match_args__) | {"errors": said, "kept": frozenset()}
    child = spawning.spawn(PLAN, (), Surroundings(**made), failing(error))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    os.close(said)
    found = complaint(heard)
    os.close(heard)
    assert found is not None
    assert found.message == words


def test_the_clerks_first_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process._linux, "restore_signal_mask", failing(MemoryError()))
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            clerk.run(None, SimpleNamespace(said=said), None, None)
        finally:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert hear(heard, 1) == (False, "there is not enough memory", 0, "")
    os.close(heard)
    os.close(said)


@pytest.mark.parametrize("most", [0, 1, 7])
def test_a_report_that_is_cut_off(most: int) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.write(writer, marshal.dumps(([], [], 0, ()))[:most])
        os._exit(0)
    os.close(writer)
    assert end_server(child, reader).failed
