"""Files that are put in place together stand or fall alone, and nothing is left of a batch that is ended."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from mask_run import LINE, MASKED

from aigate import Masker
from aigate.masking.files import batch, edit
from aigate.masking.files.replacement import Replacement
from aigate.masking.files.work import batches
from aigate.masking.rules import preset_rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES = ("a", "b", "c")


def run(directory: Path, tell: Callable[[int, int], None]) -> dict[str, str | None]:
    """Mask three files at once; return why each was left, None for those that were changed."""
    tools = edit.Tools(Masker(preset_rules("all")), {}, Replacement(), True, False, False, tell)
    done = batch.look_after([str(directory / name) for name in NAMES], tools)
    assert [one.changed for one in done] == [one.left is None for one in done]
    return {os.path.basename(one.path): one.left for one in done}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).write_text(LINE)
    return tmp_path


def test_one_that_is_replaced_while_others_are_written(directory: Path) -> None:
    (directory / "new").write_text("new\n")

    def tell(read: int, _: int) -> None:
        told.append(read)
        if len([read for read in told if read]) == 2 and (directory / "new").exists():
            (directory / "new").rename(directory / "a")

    told: list[int] = []
    assert run(directory, tell) == {"a": "was changed meanwhile", "b": None, "c": None}
    assert [(directory / name).read_text() for name in NAMES] == ["new\n", MASKED, MASKED]
    assert sorted(os.listdir(directory)) == [*NAMES]


def test_one_that_the_disk_does_not_take(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def fsync(descriptor: int) -> None:
        asked.append(descriptor)
        if len(asked) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    wanted = "cannot be replaced: No space left on device"
    assert run(directory, lambda *_: None) == {"a": None, "b": wanted, "c": None}
    assert [(directory / name).read_text() for name in NAMES] == [MASKED, LINE, MASKED]
    assert sorted(os.listdir(directory)) == [*NAMES]


@pytest.mark.parametrize("call", range(1, 7))
def test_nothing_is_left_of_one_that_is_ended(directory: Path, call: int) -> None:
    before = set(os.listdir("/proc/self/fd"))

    def tell(*_: int) -> None:
        told.append(None)
        if len(told) == call:
            raise KeyboardInterrupt

    told: list[None] = []
    with pytest.raises(KeyboardInterrupt):
        run(directory, tell)
    assert {(directory / name).read_text() for name in NAMES} == {LINE}
    assert sorted(os.listdir(directory)) == [*NAMES]
    assert not set(os.listdir("/proc/self/fd")) - before


def test_few_files_are_shared_by_all_threads_and_many_wait_together() -> None:
    assert list(batches("abcdefgh", 16, 2)) == [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"], ["h"]]
    sizes = [len(batch) for batch in batches(range(1000), 16, 2)]
    assert (sum(sizes), max(sizes), sizes[0]) == (1000, 16, 1)
