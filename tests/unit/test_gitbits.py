"""Bits in git's index: set for a run, taken back after it, shared by runs, and never left behind."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest

from aigate.host import gitbits
from aigate.host.gitbits import GitBits, restore
from aigate.policy.git import find_indexes
from aigate.policy.model import Hidden


def git(place: pathlib.Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(place), *words], check=True, capture_output=True, text=True).stdout


def skipped(place: pathlib.Path) -> list[str]:
    return [line[2:] for line in git(place, "ls-files", "-v").splitlines() if line.startswith("S")]


@pytest.fixture
def place(tmp_path: pathlib.Path) -> pathlib.Path:
    """Give a repository with hidden files in it, beside two folders for aigate's state."""
    place = tmp_path / "repository"
    place.mkdir()
    git(place, "init", "-q")
    for name in ("key.pem", "own.pem", "plain"):
        (place / name).write_text(name)
    git(place, "add", "-A")
    for name in ("state", "other"):
        (tmp_path / name).mkdir()
    return place


def bits(place: pathlib.Path, state: str = "state") -> GitBits:
    hidden = [Hidden(str(place / name), directory=False, reason="") for name in ("key.pem", "own.pem", "untracked")]
    indexes = find_indexes(hidden, [str(place.parent)])
    return GitBits(str(place.parent / state), indexes)


def test_the_index_is_as_it_was_afterwards(place):
    index = place / ".git/index"
    before = index.read_bytes(), index.stat().st_mtime_ns, index.stat().st_mode
    run = bits(place)
    run.begin()
    assert skipped(place) == ["key.pem", "own.pem"]
    assert index.stat().st_mtime_ns == before[1]
    run.end()
    assert (index.read_bytes(), index.stat().st_mtime_ns, index.stat().st_mode) == before
    assert os.listdir(place.parent / "state/git") == []
    assert sorted(os.listdir(place / ".git")) == sorted(set(os.listdir(place / ".git")) - {"index.lock"})


def test_what_the_user_set_stays(place):
    git(place, "update-index", "--skip-worktree", "own.pem")
    run = bits(place)
    run.begin()
    run.end()
    assert skipped(place) == ["own.pem"]


@pytest.mark.parametrize("state", ["state", "other"])
def test_the_last_run_takes_them_back(place, state):
    first, second = bits(place), bits(place, state)
    first.begin()
    second.begin()
    first.end()
    assert skipped(place) == ["key.pem", "own.pem"]
    second.end()
    assert skipped(place) == []


def test_a_second_run_does_not_take_the_users_for_ours(place):
    git(place, "update-index", "--skip-worktree", "own.pem")
    first, second = bits(place), bits(place)
    first.begin()
    second.begin()
    first.end()
    second.end()
    assert skipped(place) == ["own.pem"]


def test_what_a_killed_run_left_is_taken_back(place):
    run = bits(place)
    run.begin()
    for descriptor in run._held:
        os.close(descriptor)
    run._held.clear()
    assert restore(str(place.parent / "state"))
    assert skipped(place) == []


def test_a_lock_that_a_killed_run_left_is_removed_and_no_other(place, monkeypatch):
    monkeypatch.setattr(gitbits, "PAUSE_SECONDS", 0)
    run = bits(place)
    run.begin()
    (place / ".git/index.lock").write_text("of somebody else")
    run.end()
    assert skipped(place) == ["key.pem", "own.pem"]
    (record,) = (place.parent / "state/git").glob("*[!k]")
    lock = (place / ".git/index.lock").stat().st_ino
    record.with_name(f"{record.name}.lock").write_bytes(b"%d\0%s" % (lock, os.fsencode(place / ".git")))
    assert restore(str(place.parent / "state"))
    assert skipped(place) == []
    assert not (place / ".git/index.lock").exists()


def test_another_directory_in_its_place_is_left_alone(place):
    run = bits(place)
    run.begin()
    (place / ".git").rename(place / "away")
    (place / ".git").symlink_to("away")
    before = (place / "away/index").read_bytes()
    run.end()
    assert (place / "away/index").read_bytes() == before


def test_the_git_of_the_agent_may_change_the_index_meanwhile(place):
    run = bits(place)
    run.begin()
    (place / "new").write_text("new")
    git(place, "add", "new")
    git(place, "rm", "-q", "--cached", "plain")
    run.end()
    assert git(place, "ls-files", "-v").split() == ["H", "key.pem", "H", "new", "H", "own.pem"]


def test_nothing_that_the_config_names_is_run(place):
    git(place, "config", "core.fsmonitor", f"touch {place}/ran; false")
    run = bits(place)
    run.begin()
    run.end()
    assert not (place / "ran").exists()
