"""Control groups cannot be mounted in a namespace of the command's own."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")

MOUNT_ELSEWHERE = """
import ctypes
libc = ctypes.CDLL(None)
if libc.unshare({namespaces}) == 0 and libc.mount(b"x", b"/mnt", {kind}, 0, {options}) == 0:
    print("mounted")
if libc.mount(b"x", b"/mnt", b"tmpfs", 0, None) == 0:
    print("tried")
"""


WRITTEN = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
who = os.getuid(), os.getgid()
assert libc.unshare(0x12020000) == 0, "a namespace of its own"
for name, text in (("setgroups", "deny"), ("uid_map", f"0 {who[0]} 1"), ("gid_map", f"0 {who[1]} 1")):
    with open(f"/proc/self/{name}", "w") as file:
        file.write(text)
first = [(b"cgroup", options) for options in (b"none,name=systemd", b"memory", b"pids", b"freezer")]
for kind, options in ((b"cgroup2", None), *first):
    if libc.mount(b"x", b"/mnt", kind, 0, options):
        continue
    print("mounted")
    own = open("/mnt/cgroup.procs").read().split()
    for top, _, names in os.walk("/mnt"):
        for name in names:
            if os.access(f"{top}/{name}", os.W_OK) and not name.startswith("cgroup."):
                print("can be written", top, name)
            if os.access(f"{top}/{name}", os.W_OK) and top == "/mnt" and name == "cgroup.procs" and "0" in own:
                print("holds others", own)
print("tried")
"""
ELSEWHERE = [(b"cgroup", b"none,name=systemd"), (b"cgroup2", None)]


@pytest.mark.parametrize(("kind", "options"), ELSEWHERE)
def test_the_control_groups_in_a_namespace_of_its_own(sandbox: Sandbox, kind: bytes, options: bytes | None) -> None:
    """Mounted there they can be written to by whom they belong to: root, or a user whom systemd gave some."""
    _cannot_be_mounted(sandbox, 0x10020000, kind, options)


@pytest.mark.only("own")
@pytest.mark.parametrize(("kind", "options"), ELSEWHERE)
def test_root_makes_no_namespace_for_them(sandbox: Sandbox, kind: bytes, options: bytes | None) -> None:
    if sandbox.uid == 0:
        _cannot_be_mounted(sandbox, 0x12020000, kind, options)


def _cannot_be_mounted(sandbox: Sandbox, namespaces: int, kind: bytes, options: bytes | None) -> None:
    program = MOUNT_ELSEWHERE.format(namespaces=namespaces, kind=kind, options=options)
    assert "mounted" not in sandbox.run("python3", "-c", program).stdout
    simple = MOUNT_ELSEWHERE.format(namespaces=0x10020000, kind=b"nonsense", options=None)
    assert sandbox.run("python3", "-c", simple).stdout == "tried\n", "namespaces of the command's own still work"


@pytest.mark.only("user")
def test_a_user_who_makes_one_can_write_to_no_value_in_it(sandbox: Sandbox) -> None:
    done = sandbox.run("python3", "-c", WRITTEN)
    lines = set(done.stdout.splitlines())
    assert lines in ({"mounted", "tried"}, {"tried"}), done.stdout + done.stderr


@pytest.mark.only("user")
def test_no_namespace_where_the_control_groups_are_hidden(sandbox: Sandbox) -> None:
    config = (sandbox.home / ".aigate/config.yaml").read_text()
    sandbox.config(config.replace("deny_read:\n", "deny_read:\n  - /sys/fs/cgroup/\n", 1))
    done = sandbox.run("python3", "-c", WRITTEN)
    assert "a namespace of its own" in done.stderr
