"""A run that begins as another ends makes its layer itself, and nothing changes a layer at the start of a run."""

from __future__ import annotations

import fcntl
import os
import pathlib

import pytest
from sandbox import Sandbox

from aigate.errors import EnforcementError
from aigate.layers import hold


def test_a_run_that_is_just_ending(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs").mkdir()
    record = tmp_path / "runs/ending"
    record.write_text("1")
    ending = os.open(record, os.O_RDWR)
    fcntl.flock(ending, fcntl.LOCK_EX)

    def ends(*_: object, **__: object) -> int:
        record.unlink()
        os.close(ending)
        raise EnforcementError("it has ended")

    monkeypatch.setattr(hold, "borrow", ends)
    run = hold.Hold(str(tmp_path), ["/"])
    assert (run.alone, run.mounts) == (True, {})
    run.close()


@pytest.mark.parametrize("word", ["discard", "apply", "keep"])
def test_a_run_that_is_just_beginning(sandbox: Sandbox, word: str) -> None:
    sandbox.shell("echo x > ~/.bashrc")
    (layer,) = (sandbox.home / ".aigate/layers").glob("project-*")
    with (layer / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = sandbox.aigate("layer", word, f"{sandbox.home}/.bashrc")
        assert done.returncode == 1
        assert "a run uses this layer" in done.stderr
    assert sandbox.aigate("layer", word, f"{sandbox.home}/.bashrc").returncode == 0
