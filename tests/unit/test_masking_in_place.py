"""`aigate mask --in-place` changes what holds a secret, keeps what belongs to a file, and leaves alone what it must."""

from __future__ import annotations

import gzip
import os
import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest
from mask_run import KEY, LINE, MASKED, mask

if TYPE_CHECKING:
    from pathlib import Path


def test_a_tree_of_files(tmp_path: Path) -> None:
    below = tmp_path / "d" / "deep"
    below.mkdir(parents=True)
    (below / "a").write_text(LINE)
    (tmp_path / "d" / "clean").write_text("nothing\n")
    before = os.stat(tmp_path / "d" / "clean")
    done = mask("--in-place", tmp_path / "d", "-j", "2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (below / "a").read_text() == MASKED
    assert os.stat(tmp_path / "d" / "clean").st_ino == before.st_ino
    assert os.listdir(below) == ["a"]


def test_mode_times_and_attributes_stay(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text(LINE)
    file.chmod(0o6751)
    os.setxattr(file, "user.note", b"kept")
    os.utime(file, ns=(1_000_000_007, 2_000_000_009))
    assert mask("--in-place", file).returncode == 0
    now = file.stat()
    assert file.read_text() == MASKED
    assert (stat.S_IMODE(now.st_mode), now.st_mtime_ns) == (0o6751, 2_000_000_009)
    assert os.getxattr(file, "user.note") == b"kept"


def left_alone(file: Path, why: str, *options: str) -> None:
    before = file.read_bytes()
    done = mask("--in-place", *options, file)
    assert done.returncode == 4, done.stderr
    assert f"{file}: left alone, it " in done.stderr
    assert why in done.stderr
    assert file.read_bytes() == before


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(LINE)
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "link").symlink_to(tmp_path / "a")
    left_alone(tmp_path / "d" / "link", "symbolic link")
    assert mask("--in-place", tmp_path / "d").returncode == 0
    assert (tmp_path / "a").read_text() == LINE


def test_a_file_of_two_names(tmp_path: Path) -> None:
    file, other = tmp_path / "a", tmp_path / "b"
    file.write_text(LINE)
    other.hardlink_to(file)
    left_alone(file, "has 2 names")
    assert mask("--in-place", "--break-links", file).returncode == 0
    assert (file.read_text(), other.read_text()) == (MASKED, LINE)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file that is somebody else's")
def test_a_file_of_another_owner(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(LINE)
    os.chown(tmp_path / "a", 65534, -1)
    left_alone(tmp_path / "a", "another user")


def test_binary_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\0" + LINE.encode())
    left_alone(tmp_path / "a", "is binary")
    database = sqlite3.connect(tmp_path / "b.db")
    database.execute("create table t (x)")
    database.execute("insert into t values (?)", (LINE,))
    database.commit()
    database.close()
    left_alone(tmp_path / "b.db", "is binary")


def test_a_file_that_is_open_for_writing(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text(LINE)
    with file.open("a"):
        left_alone(file, "open for writing")
    assert mask("--in-place", file).returncode == 0


def test_what_would_no_longer_be_json(tmp_path: Path) -> None:
    for name, text in (("a.json", '{\n "k": "' + KEY + '"}\n'), ("b.jsonl", '{"n": 1}\n{"k": "' + KEY + '"}\n')):
        (tmp_path / name).write_text(text)
        left_alone(tmp_path / name, "no longer be valid JSON", "--pattern", f'{KEY}"}}')
        assert mask("--in-place", tmp_path / name).returncode == 0
        assert (tmp_path / name).read_text() == text.replace(KEY, "sk-ant-***")


def test_packed_files(tmp_path: Path) -> None:
    file = tmp_path / "a.gz"
    file.write_bytes(gzip.compress(LINE.encode()) + gzip.compress(LINE.encode()))
    assert mask("--in-place", file).returncode == 0
    assert gzip.decompress(file.read_bytes()).decode() == MASKED * 2
    file.write_bytes(gzip.compress(LINE.encode() * 1000)[:-9])
    left_alone(file, "damaged gzip")
    file.write_text("no gzip\n" + LINE)
    assert mask("--in-place", file).returncode == 0
    assert file.read_text() == "no gzip\n" + MASKED


def test_zstandard(tmp_path: Path) -> None:
    import zstandard

    file = tmp_path / "a.zst"
    whole = zstandard.compress(LINE.encode() * 5000)
    file.write_bytes(whole + zstandard.compress(LINE.encode()))
    assert mask("--in-place", file).returncode == 0
    reader = zstandard.ZstdDecompressor().stream_reader(file.read_bytes(), read_across_frames=True)
    assert reader.read().decode() == MASKED * 5001
    file.write_bytes(whole[:-5])
    left_alone(file, "damaged Zstandard")


def test_what_cannot_go_together(tmp_path: Path) -> None:
    for words in (["--in-place"], ["--in-place", "-"], ["--in-place", "--check", "x"], ["--break-links", "x"]):
        done = mask(*words, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("aigate: mask: --")
