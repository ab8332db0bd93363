"""Odd surroundings that a run copes with: umasks, limits, ignored signals, full devices, locks, stopped commands."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import subprocess

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
WAKES_ITSELF = "(sleep 0.2; kill -CONT $$) & kill -STOP $$; echo awake; exit 5"


def test_a_umask_that_takes_everything(sandbox: Sandbox) -> None:
    sandbox.write(".env", "A=1\n")
    sandbox.outside("git", "add", "-f", ".env")
    for _ in range(2):
        done = sandbox.shell("umask", preexec_fn=lambda: os.umask(0o777))
        assert (done.returncode, done.stdout, done.stderr) == (0, "0777\n", "")
    assert (sandbox.home / ".aigate/audit.jsonl").stat().st_mode & 0o777 == 0o600


def test_ends_of_children_that_the_caller_ignores(sandbox: Sandbox) -> None:
    done = sandbox.shell("exit 3", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.parametrize(("status", "expected"), [(3, 3), (0, 1)])
def test_errors_into_a_full_device(sandbox: Sandbox, status: int, expected: int) -> None:
    with open("/dev/full", "w") as full:
        words = [*sandbox.prefix, "run", "-q", "--", "sh", "-c", f"echo word >&2; exit {status}"]
        found = subprocess.run(
            words,
            cwd=sandbox.project,
            env=sandbox.environment,
            stdin=subprocess.DEVNULL,
            stderr=full,
            **sandbox.identity(),
        )
    assert found.returncode == expected


@pytest.mark.only("user")
def test_a_hard_limit_on_processes_below_max_pids(sandbox: Sandbox) -> None:
    sandbox.config("resource_limits: {max_pids: 2000}\n")
    done = sandbox.run(
        "cat", "/proc/self/limits", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (900, 900))
    )
    assert done.returncode == 0, done.stderr
    assert next(line.split()[2:4] for line in done.stdout.splitlines() if "Max processes" in line) == ["900", "900"]


def test_a_command_that_stops_and_is_continued_by_its_own_child(sandbox: Sandbox) -> None:
    done = sandbox.shell(WAKES_ITSELF, timeout=60, start_new_session=True)
    assert (done.returncode, done.stdout) == (5, "awake\n")


def test_a_layer_that_somebody_else_keeps_locked(sandbox: Sandbox) -> None:
    assert sandbox.run("true").returncode == 0
    (lock,) = (sandbox.home / ".aigate/layers").glob("*/lock")
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = sandbox.run("true", timeout=100)
    assert done.returncode == 1
    assert "has been locked by another process for" in done.stderr
    assert sandbox.run("true").returncode == 0


@pytest.mark.only("user")
def test_a_record_that_cannot_be_read(sandbox: Sandbox) -> None:
    record = sandbox.write("~/.aigate/git/1-0", "", 0o000)
    done = sandbox.run("true")
    assert done.returncode == 0
    assert done.stderr == f"aigate: {record}: what is to be taken back cannot be read: Permission denied\n"


def test_a_fifo_in_a_records_place(sandbox: Sandbox) -> None:
    folder = sandbox.write("~/.aigate/git/keep.new", "").parent
    os.mkfifo(folder / "1-0")
    os.chown(folder / "1-0", sandbox.uid, sandbox.gid)
    done = sandbox.run("true", timeout=60)
    assert done.returncode == 0
    assert "what is to be taken back cannot be read: not a regular file" in done.stderr
