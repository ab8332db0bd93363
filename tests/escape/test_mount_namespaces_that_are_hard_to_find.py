"""A mount namespace that only one thread is in, or whose processes have changed their root, is found, too."""

from __future__ import annotations

import pytest
from meanwhile import meanwhile
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
# User 0 of a user namespace of its own, as unshare(1) --map-root-user makes it; then a mount namespace, private.
BEGIN = """
import ctypes, os, pathlib, threading, time
libc = ctypes.CDLL(None, use_errno=True)
uid, gid, project = os.getuid(), os.getgid(), os.getcwd()
def check(result):
    if result: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
def private():
    check(libc.unshare(0x20000))  # CLONE_NEWNS
    check(libc.mount(None, b"/", None, 1 << 18 | 1 << 14, None))  # MS_PRIVATE | MS_REC
def wait():
    pathlib.Path("is-ready").touch()
    while not os.path.exists(f"{project}/look"): time.sleep(0.01)
def read(path, **where):
    try: print(os.read(os.open(path, os.O_RDONLY, **where), 100).decode())
    except OSError as error: print(error.strerror)
check(libc.unshare(0x10000000))  # CLONE_NEWUSER
for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
    pathlib.Path("/proc/self", name).write_text(text)
"""
THREAD = """
def alone():
    private()
    os.chdir(project)
    wait()
    read(".env")
thread = threading.Thread(target=alone)
thread.start()
thread.join()
"""
CHANGED_ROOT = """
private()
here = os.open(".", os.O_RDONLY)
os.mkdir("/tmp/root")
pathlib.Path("is-ready").touch()
os.chroot("/tmp/root")
os.chdir("/")
while True:
    try: os.stat("look", dir_fd=here)
    except OSError: time.sleep(0.01)
    else: break
read(".env", dir_fd=here)
"""


@pytest.mark.only("user")
@pytest.mark.parametrize("own", [THREAD, CHANGED_ROOT], ids=["thread", "root"])
def test_a_namespace_that_is_hard_to_find(sandbox: Sandbox, own: str) -> None:
    sandbox.write(".env", "first\n")
    sandbox.write("attack.py", BEGIN + own)

    def save(_: object) -> None:
        sandbox.write("new", f"{SECRET}\n")
        sandbox.outside("mv", "new", ".env")

    told = meanwhile(
        sandbox,
        save,
        ": > look; wait",
        before="/usr/bin/python3 attack.py & until [ -e is-ready ]; do sleep 0.02; done",
        until=(("renewed", ".env"),),
    )
    assert told.stdout == "Permission denied\n", told
