"""None of the machine's devices is there."""

from __future__ import annotations

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


def test_devices_are_not_there(sandbox: Sandbox) -> None:
    names = set(sandbox.run("ls", "/dev").stdout.split())
    assert {"null", "zero", "tty"} <= names
    assert names <= {
        "console", "core", "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty",
        "urandom", "zero",
    }  # fmt: skip
