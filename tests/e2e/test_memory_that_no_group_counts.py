"""What lies in memory holds parts of max_memory, and the banner says so; half of inotify is left to the host."""

from __future__ import annotations

import pathlib

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
MEGABYTE = 1 << 20
INSTANCES = pathlib.Path("/proc/sys/fs/inotify/max_user_instances")
OPEN = """
import ctypes
libc = ctypes.CDLL(None)
print(sum(libc.inotify_init() >= 0 for _ in range(4000)))
"""


def sizes(sandbox: Sandbox) -> dict[str, int]:
    done = sandbox.shell("stat -f -c '%S %b %n' /tmp /var/tmp /dev /dev/shm")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    return {path: int(unit) * int(count) for unit, count, path in rows}


def test_temporary_places_hold_parts_of_max_memory(sandbox: Sandbox) -> None:
    sandbox.config("resource_limits: {max_memory: 64M}\n")
    found = sizes(sandbox)
    assert found["/tmp"] <= 32 * MEGABYTE
    assert max(found["/var/tmp"], found["/dev"], found["/dev/shm"]) <= 32 * MEGABYTE
    done = sandbox.shell("head -c 40M /dev/zero >/tmp/a")
    assert "No space left" in done.stderr


def test_the_banner_says_so(sandbox: Sandbox) -> None:
    sandbox.config("resource_limits: {max_memory: 64M}\n")
    assert "in memory, at most /tmp 32M, /var/tmp 8M, /dev 8M\n" in sandbox.run("true", options=("-v",)).stderr


def test_without_max_memory_nothing_is_said(sandbox: Sandbox) -> None:
    sandbox.config("deny_read: []\n")
    assert "/tmp" not in sandbox.run("true", options=("-v",)).stderr.partition("hidden:")[0]


def test_half_of_inotify_is_left_to_the_host(sandbox: Sandbox) -> None:
    done = sandbox.run("/usr/bin/python3", "-c", OPEN)
    assert 1 <= int(done.stdout) <= int(INSTANCES.read_text()) // 2
