"""`--report` is looked at before the work, never replaces what is no file, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from mask_run import COMMAND, LINE, mask

from aigate.errors import AigateError
from aigate.masking.files import report

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["missing/r.json", ".", "a/r.json", "", "new/"])
def test_where_it_cannot_be_written_nothing_is_masked(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").write_text(LINE)
    done = mask("--in-place", "a", "--report", name, cwd=tmp_path)
    assert (done.returncode, (tmp_path / "a").read_text()) == (1, LINE)
    assert f"cannot write the report {name}: " in done.stderr


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(LINE)
    read, write = os.pipe()
    with open(read) as source:
        words = [*COMMAND, "--check", "a", "--report", f"/dev/fd/{write}"]
        done = subprocess.run(
            words, cwd=tmp_path, pass_fds=[write], capture_output=True, env=dict(os.environ), check=False
        )
        os.close(write)
        assert json.load(source)["counts"] == {"anthropic": 1}
    assert done.returncode == 3


def test_a_link_stays_one_and_a_file_of_before_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(LINE)
    (tmp_path / "real").write_text("before")
    (tmp_path / "link").symlink_to("real")
    assert mask("--check", "a", "--report", "link", cwd=tmp_path).returncode == 3
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "real").read_text())["counts"] == {"anthropic": 1}
    assert sorted(os.listdir(tmp_path)) == ["a", "link", "real"]


def test_nothing_is_left_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report.os, "replace", full)
    with pytest.raises(AigateError, match="No space left"):
        report.write(str(tmp_path / "r.json"), [], "1")
    assert os.listdir(tmp_path) == []
