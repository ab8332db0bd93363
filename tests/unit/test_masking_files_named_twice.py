"""A file that is named twice, or beside its directory, is looked after once, in any order and by any name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from mask_run import LINE, MASKED, mask

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "names",
    [
        ("d/a", "d/a", "./d/a"),
        ("d", "d/a", "d/s/b"),
        ("d/a", "d/s", "d"),
        ("d/s/b", "d/../d", "d/"),
        (".", "d", "d/s"),
        ("link/", "d"),
    ],
)
def test_each_file_comes_once(tmp_path: Path, names: tuple[str, ...]) -> None:
    (tmp_path / "d/s").mkdir(parents=True)
    (tmp_path / "link").symlink_to("d")
    files = [tmp_path / "d/a", tmp_path / "d/s/b"]
    for file in files:
        file.write_text(LINE)
    checked = mask("--check", *names, cwd=tmp_path)
    wanted = 1 if names[-1] == "./d/a" else 2
    assert (checked.returncode, len(checked.stdout.splitlines())) == (3, wanted)
    done = mask("--in-place", *names, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [file.read_text() for file in files].count(MASKED) == wanted


def test_a_link_that_is_named_is_still_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(LINE)
    os.symlink("a", tmp_path / "link")
    done = mask("--in-place", "a", "link", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "a").read_text()) == (4, MASKED)
    assert "link: left alone, it is a symbolic link" in done.stderr
