"""Whatever fails is told in one line that names the cause: no nested errors, and no second one for the first."""

from __future__ import annotations

import errno
import os
import pathlib
import sys
from types import SimpleNamespace

import pytest

from aigate.cli import output
from aigate.errors import EnforcementError, told
from aigate.session.events import check_output


def test_memory_is_named() -> None:
    assert told(MemoryError()) == "there is not enough memory"


def test_a_module_whose_file_gives_nothing(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's import goes on with the None that reading gave, and fails with something else."""
    (tmp_path / "unreadable_part.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    finder = sys.path_importer_cache.setdefault(str(tmp_path), sys.path_hooks[-1](str(tmp_path)))
    loader = type(finder.find_spec("unreadable_part").loader)
    monkeypatch.setattr(loader, "get_data", lambda *_: None)
    with pytest.raises(Exception, match="None") as failed:
        __import__("unreadable_part")
    assert told(failed.value) == "a part of aigate cannot be loaded: its file could not be read"


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (MemoryError(), "there is not enough memory"),
        (OSError(errno.EIO, "Input/output error", 1), "Input/output error"),
        (EnforcementError("no thread can be started"), "no thread can be started"),
    ],
)
def test_output_that_cannot_be_written(failure: BaseException, reason: str) -> None:
    with pytest.raises(EnforcementError) as raised:
        check_output(SimpleNamespace(failure=failure))
    assert raised.value.message == f"output cannot be written: {reason}"


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EMFILE])
def test_the_last_word_is_tried_again(error: int, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[bytes] = []

    def write(_descriptor: int, data: memoryview, failing: list[int] = [error]) -> int:  # noqa: B006 -- once
        if failing:
            number = failing.pop()
            raise OSError(number, os.strerror(number))
        said.append(bytes(data[:4]))
        return 4

    monkeypatch.setattr(output.os, "write", write)
    output.say("aigate: told\n")
    assert b"".join(said) == b"aigate: told\n"[: len(b"".join(said))]
    assert len(said) == 4


def test_where_nobody_can_be_told_nothing_is_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def write(*_: object) -> int:
        tried.append(1)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(output.os, "write", write)
    output.say("aigate: told\n")
    assert len(tried) == output.ATTEMPTS
