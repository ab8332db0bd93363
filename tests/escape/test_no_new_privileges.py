"""No program inside gains privileges by being started."""

from __future__ import annotations

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


def test_no_new_privileges(sandbox: Sandbox) -> None:
    assert sandbox.run("grep", "NoNewPrivs", "/proc/self/status").stdout.split() == ["NoNewPrivs:", "1"]
    assert sandbox.run("grep", "Seccomp:", "/proc/self/status").stdout.split() == ["Seccomp:", "2"]
