"""`aigate mask --in-place` where something runs out or somebody interrupts: files stay whole, and it is told."""

from __future__ import annotations

import os
import pty
import resource
import select
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from mask_run import COMMAND, LINE, MASKED

from aigate import Masker
from aigate.cli import mask, mask_files
from aigate.masking.files import batch, edit
from aigate.masking.files.replacement import Replacement
from aigate.masking.rules import preset_rules

if TYPE_CHECKING:
    from pathlib import Path

LARGE = LINE * 120_000  # some 4 MB, in blocks of one


def limited(which: int, value: int, *words: str) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        resource.setrlimit(which, (value, value))

    return subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, check=False, preexec_fn=limit, env=dict(os.environ)
    )


def test_a_file_that_cannot_be_written_whole_stays(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(LINE * 20_000)
    (tmp_path / "b").write_text(LINE)
    done = limited(resource.RLIMIT_FSIZE, 100_000, "--in-place", str(tmp_path))
    assert (done.returncode, sorted(os.listdir(tmp_path))) == (4, ["a", "b"])
    assert "a: left alone, it cannot be replaced: File too large" in done.stderr
    assert ((tmp_path / "a").read_text(), (tmp_path / "b").read_text()) == (LINE * 20_000, MASKED)


def test_there_are_no_more_files_at_once_than_descriptors(tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / f"{number}").write_text(LINE)
    done = limited(resource.RLIMIT_NOFILE, 40, "--in-place", "-j", "64", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert {file.read_text() for file in tmp_path.iterdir()} == {MASKED}


class Terminal:
    """A run on a terminal, and what it has shown."""

    def __init__(self, *words: str, **variables: str) -> None:
        self.master, slave = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", **variables}
        self.process = subprocess.Popen(
            [*COMMAND, *words], stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)
        self.shown = ""

    def until(self, text: str) -> str:
        end = time.monotonic() + 120
        while text not in self.shown:
            assert time.monotonic() < end, self.shown
            if select.select([self.master], [], [], 1)[0]:
                try:
                    self.shown += os.read(self.master, 4096).decode()
                except OSError:
                    break
        return self.shown

    def end(self) -> int:
        os.close(self.master)
        return self.process.wait(60)


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_the_last_line_says_how_much_it_was(tmp_path: Path, term: str) -> None:
    (tmp_path / "a").write_text(LINE)
    run = Terminal("--in-place", str(tmp_path), TERM=term)
    assert "aigate: 1 files, 0 MB read, 0 MB written, 1 changed" in run.until("1 changed")
    assert "\x1b" not in run.shown
    assert run.end() == 0


@pytest.mark.parametrize("calls", [0, 1, 3, 6])
def test_what_is_stopped_half_way_is_as_it_was(tmp_path: Path, calls: int) -> None:
    """Between any two blocks, while it is read and while it is written."""
    (tmp_path / "a").write_text(LARGE)
    told: list[int] = []

    def tell(read: int, written: int) -> None:
        told.append(read + written)
        if len(told) > calls:
            raise edit.LeftError("was stopped")

    masker = Masker(preset_rules("all"))
    tools = edit.Tools(masker, {}, Replacement(), True, False, False, tell)
    (outcome,) = batch.look_after([str(tmp_path / "a")], tools)
    assert (outcome.left, outcome.changed, len(told)) == ("was stopped", False, calls + 1)
    assert (os.listdir(tmp_path), (tmp_path / "a").read_text()) == (["a"], LARGE)


def test_who_interrupts_is_told_what_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(mask_files, "in_order", interrupted)
    before = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGIO)]
    try:
        with pytest.raises(KeyboardInterrupt):
            mask.main(["--preset", "all", "--in-place", str(tmp_path)])
    finally:
        for number, handler in before:
            signal.signal(number, handler)
    assert capfd.readouterr().err.startswith("aigate: stopped: each file is as it was before or masked as a whole")
