"""A mount namespace that was made before, and kept by a descriptor alone, is entered by nobody after a late cover."""

from __future__ import annotations

import pytest
from meanwhile import meanwhile
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
KEEP = """
import ctypes, os, socket, sys, time
libc = ctypes.CDLL(None)
ours, theirs = socket.socketpair()
ids = {"uid_map": f"0 {os.getuid()} 1", "gid_map": f"0 {os.getgid()} 1"}
if os.fork() == 0:
    assert libc.unshare(0x10020000) == 0  # CLONE_NEWUSER | CLONE_NEWNS
    for name, text in {"setgroups": "deny", **ids}.items():
        open(f"/proc/self/{name}", "w").write(text)
    assert libc.mount(b"none", b"/", None, 0x44000, None) == 0  # MS_REC | MS_PRIVATE
    socket.send_fds(theirs, [b"x"], [os.open(f"/proc/self/ns/{name}", os.O_RDONLY) for name in ("user", "mnt")])
    os._exit(0)
_, (user, mounts), *_ = socket.recv_fds(ours, 1, 2)
os.wait()
open("kept", "w")
while not os.path.exists("look"):
    time.sleep(0.02)
assert libc.setns(user, 0x10000000) == 0
print([libc.setns(mounts, kind) for kind in (0, 0x20000)])
os.chdir(sys.argv[1])
print(open(".env").read())
"""


@pytest.mark.everywhere
@pytest.mark.only("user")
def test_mount_namespaces_kept_without_a_process(sandbox: Sandbox) -> None:
    sandbox.write(".env", "first\n")
    sandbox.write("keep.py", KEEP)

    def save(_: object) -> None:
        sandbox.write("new", f"{SECRET}\n")
        sandbox.outside("mv", "new", ".env")

    before = "python3 keep.py $PWD & until [ -e kept ]; do sleep 0.02; done"
    told = meanwhile(sandbox, save, ": > look; wait", before=before, until=(("renewed", ".env"),))
    assert told.stdout == "[-1, -1]\n"
    assert SECRET not in told.stderr
    assert "PermissionError" in told.stderr
