"""Git's index, read and changed as bytes: git itself says what the result means."""

from __future__ import annotations

import pathlib
import subprocess

import pytest

from aigate.policy.gitindex import IndexFormatError, tracked, with_bits

FORMATS = [(version, name, length) for version in ("2", "4") for name, length in (("sha1", 20), ("sha256", 32))]
PATHS = ("a", "key.pem", "secrets/x/y", "secrets/z", "secretsx", "deep/" + "n" * 200, "o" * 4200)
HIDDEN = (frozenset({b"key.pem", b"none"}), (b"secrets/",))


def git(place: pathlib.Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(place), *words], check=True, capture_output=True, text=True).stdout


def repository(place: pathlib.Path, version: str, kind: str) -> pathlib.Path:
    git(place, "init", "-q", f"--object-format={kind}")
    git(place, "config", "index.version", version)
    for path in PATHS:
        if len(path) < 255:
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text(path)
    git(place, "add", "-A")
    empty = git(place, "hash-object", "-w", "--stdin").strip()
    git(place, "update-index", "--add", "--cacheinfo", f"100644,{empty},{PATHS[-1]}")
    (place / "intended").write_text("")
    git(place, "add", "-N", "intended")
    return place / ".git/index"


@pytest.mark.parametrize(("version", "kind", "length"), FORMATS)
def test_bits_are_set_for_what_is_hidden_and_nothing_else(tmp_path, version, kind, length):
    index = repository(tmp_path, version, kind)
    names = tracked(index.read_bytes(), length, *HIDDEN)
    assert names == {b"key.pem": False, b"secrets/x/y": False, b"secrets/z": False}
    index.write_bytes(with_bits(index.read_bytes(), length, frozenset(names), skipped=True))
    shown = git(tmp_path, "ls-files", "-v").splitlines()
    assert [line[2:] for line in shown if line.startswith("S")] == ["key.pem", "secrets/x/y", "secrets/z"]
    assert len(shown) == len(PATHS) + 1
    git(tmp_path, "fsck", "--no-dangling")
    assert set(tracked(index.read_bytes(), length, *HIDDEN).values()) == {True}


@pytest.mark.parametrize(("version", "kind", "length"), FORMATS)
def test_taking_them_back_gives_the_same_bytes(tmp_path, version, kind, length):
    before = repository(tmp_path, version, kind).read_bytes()
    names = frozenset(tracked(before, length, *HIDDEN))
    after = with_bits(before, length, names, skipped=True)
    assert after != before
    assert with_bits(after, length, names, skipped=False) == before
    assert with_bits(before, length, names, skipped=False) is before


def test_where_entries_lie_is_forgotten_when_they_move(tmp_path):
    index = repository(tmp_path, "2", "sha1")
    git(tmp_path, "-c", "index.threads=4", "update-index", "--force-write-index")
    data = index.read_bytes()
    assert b"EOIE" in data
    changed = with_bits(data, 20, frozenset({b"key.pem"}), skipped=True)
    assert b"EOIE" not in changed
    index.write_bytes(changed)
    assert "S key.pem" in git(tmp_path, "-c", "index.threads=4", "ls-files", "-v")


def test_an_index_without_a_checksum_stays_one(tmp_path):
    data = repository(tmp_path, "2", "sha1").read_bytes()[:-20] + bytes(20)
    assert with_bits(data, 20, frozenset({b"key.pem"}), skipped=True).endswith(bytes(20))


def test_a_split_index_is_refused(tmp_path):
    index = repository(tmp_path, "2", "sha1")
    git(tmp_path, "update-index", "--split-index")
    (tmp_path / "key.pem").write_text("changed")
    git(tmp_path, "add", "key.pem")
    with pytest.raises(IndexFormatError, match="split"):
        tracked(index.read_bytes(), 20, *HIDDEN)


def test_what_is_cut_off_or_no_index_is_an_error_and_nothing_else(tmp_path):
    data = repository(tmp_path, "4", "sha1").read_bytes()
    for length in range(0, len(data) - 20, 7):
        try:
            with_bits(data[:length] + bytes(20), 20, frozenset({b"key.pem"}), skipped=True)
        except IndexFormatError:
            continue
    with pytest.raises(IndexFormatError):
        tracked(b"DIRX" + data[4:], 20, *HIDDEN)
