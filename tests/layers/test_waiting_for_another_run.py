"""A run that waits for another one's start, which may stand at a question, says so after a second."""

from __future__ import annotations

import fcntl
import os
import subprocess

from sandbox import TIMEOUT

BACKENDS = ("bwrap", "unshare")


def test_a_long_wait_is_told(sandbox):
    assert sandbox.run("true").returncode == 0
    (lock,) = sandbox.home.glob(".aigate/layers/*/lock")
    held = os.open(lock, os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    running = subprocess.Popen(
        [*sandbox.prefix, "run", "--quiet", "--", "echo", "done"],
        cwd=sandbox.project,
        env=sandbox.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **sandbox.identity(),
    )
    with running:
        try:
            assert "another run of this project" in running.stderr.readline()
        finally:
            os.close(held)
        assert running.stdout.read() == "done\n"
        assert running.wait(TIMEOUT) == 0
