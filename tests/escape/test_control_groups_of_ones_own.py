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


@pytest.mark.parametrize(("kind", "options"), [(b"cgroup", b"none,name=systemd"), (b"cgroup2", None)])
@pytest.mark.parametrize("namespaces", ["CLONE_NEWUSER|NEWNS", "CLONE_NEWUSER|NEWNS|NEWCGROUP"])
def test_the_control_groups_in_a_namespace_of_its_own(
    sandbox: Sandbox, namespaces: str, kind: bytes, options: bytes | None
) -> None:
    """Mounted there they can be written to by whom they belong to: root, or a user whom systemd gave some."""
    flags = 0x10020000 | (0x02000000 if "NEWCGROUP" in namespaces else 0)
    program = MOUNT_ELSEWHERE.format(namespaces=flags, kind=kind, options=options)
    assert "mounted" not in sandbox.run("python3", "-c", program).stdout
    simple = MOUNT_ELSEWHERE.format(namespaces=0x10020000, kind=b"nonsense", options=None)
    assert sandbox.run("python3", "-c", simple).stdout == "tried\n", "namespaces of the command's own still work"
