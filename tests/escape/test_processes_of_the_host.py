"""Processes of the host can be neither seen nor signalled."""

from __future__ import annotations

import subprocess

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


def test_a_process_of_the_host_cannot_be_seen_or_signalled(sandbox: Sandbox) -> None:
    victim = subprocess.Popen(["sleep", "30"], **sandbox.identity())
    try:
        assert sandbox.shell(f"kill -9 {victim.pid}").returncode != 0
        assert victim.poll() is None
    finally:
        victim.kill()
        victim.wait()
