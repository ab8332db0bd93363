"""Git's index is as it was also after a run that was killed, guard and all."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

BACKENDS = ("bwrap", "unshare")
DEADLINE = 60


def skipped(sandbox) -> list[str]:
    return [line for line in sandbox.outside("git", "ls-files", "-v").stdout.splitlines() if line.startswith("S")]


def wait_until(condition) -> None:
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def tracked(sandbox):
    sandbox.write("server.pem")
    sandbox.outside("git", "add", "-A")
    return sandbox


def start(sandbox) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*sandbox.prefix, "run", "--quiet", "--", "sleep", "600"],
        cwd=sandbox.project,
        env=sandbox.environment,
        stdin=subprocess.DEVNULL,
        **sandbox.identity(),
    )


def test_after_kill_9_the_index_is_as_it_was(tracked):
    index = tracked.project / ".git/index"
    before = index.read_bytes()
    run = start(tracked)
    wait_until(lambda: skipped(tracked))
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    wait_until(lambda: not os.listdir(tracked.home / ".aigate/git"))  # what the guard does last
    assert not skipped(tracked)
    assert index.read_bytes() == before


def records(sandbox) -> list[str]:
    folder = sandbox.home / ".aigate/git"
    return [path.name for path in folder.iterdir() if not path.suffix] if folder.exists() else []


def test_two_runs_share_them(tracked):
    first, second = start(tracked), start(tracked)
    try:
        wait_until(lambda: len(records(tracked)) == 2 and skipped(tracked))
        for run, left in ((first, ["S server.pem"]), (second, [])):
            run.terminate()
            run.wait()
            wait_until(lambda left=left: skipped(tracked) == left)
    finally:
        for run in (first, second):
            run.kill()
            run.wait()
