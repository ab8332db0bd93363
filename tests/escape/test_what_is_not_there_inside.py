"""Entries of deny_read for what is replaced inside, or comes with the sandbox, hide it or are refused."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize("entry", ["/tmp/", "/var/tmp/", "/dev/", "/dev/shm/", "/dev/kmsg", "/dev/mem"])
def test_what_is_replaced_needs_no_cover(sandbox: Sandbox, entry: str) -> None:
    sandbox.config(f"deny_read: [{entry}]\n")
    done = sandbox.shell(f"echo > /tmp/x; echo > /dev/null; test {entry} = /dev/kmsg && cat {entry}; echo works")
    assert done.stdout == "works\n", done.stderr


@pytest.mark.everywhere
@pytest.mark.parametrize(
    "entry", ["/proc/version", "/proc/cpuinfo", "/proc/sys/kernel/", "/sys/kernel/", "/dev/urandom"]
)
def test_what_the_kernel_shows_is_hidden(sandbox: Sandbox, entry: str) -> None:
    sandbox.config(f"deny_read: [{entry}]\n")
    done = sandbox.shell(f"head -c1 {entry}; ls {entry.rstrip('/')}/; echo; echo works")
    assert done.stdout == "\nworks\n", done.stderr
    assert "Permission denied" in done.stderr


@pytest.mark.parametrize("entry", ["/proc/", "/proc/1/", "/proc/self/environ"])
def test_processes_cannot_be_hidden(sandbox: Sandbox, entry: str) -> None:
    sandbox.config(f"deny_read: [{entry}]\n")
    done = sandbox.run("true")
    assert done.returncode == 1
    assert "cannot be hidden (deny_read: " in done.stderr
