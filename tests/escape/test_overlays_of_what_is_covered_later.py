"""An overlay shows a directory without what is mounted in it: nobody reads through one what is hidden during a run.

Whoever has made a mount namespace before could make one, since what is covered later is not locked there. As root
nobody inside can become user 0 of a user namespace, so this is about ordinary users.
"""

from __future__ import annotations

import pytest
from meanwhile import meanwhile
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
LATER = """
import ctypes, os, time
libc = ctypes.CDLL(None, use_errno=True)

def call(number, *words):
    found = libc.syscall(number, *words)
    if found < 0:
        raise SystemExit(os.strerror(ctypes.get_errno()))
    return found

open("is-there", "w")
while not os.path.exists("look"):
    time.sleep(0.02)
made = call(430, b"overlay", 0)  # fsopen
call(431, made, 1, b"lowerdir", f"{os.getcwd()}/below:/mnt".encode(), 0)  # fsconfig
call(431, made, 6, None, None, 0)
print(open(f"/proc/self/fd/{call(432, made, 0, 0)}/.env").read())  # fsmount
"""
# The layers are told apart: where one of them lies says nothing of what is seen there.
BEFORE = """mkdir /tmp/a /tmp/b
mount -t overlay -o lowerdir=$PWD/below:/tmp/a overlay /tmp/b && ls /tmp/b && : > is-there
until [ -e look ]; do sleep 0.02; done; cat /tmp/b/.env; umount /tmp/b/.env; umount -l /tmp/b/.env; cat /tmp/b/.env"""


@pytest.mark.only("user")
@pytest.mark.spread("attack")
@pytest.mark.parametrize("attack", ["made later", "made before"])
def test_an_overlay(sandbox: Sandbox, attack: str) -> None:
    sandbox.config("late: hide\ndeny_read: [.env]\n")
    sandbox.write("below/other", "file\n")
    sandbox.write("later.py", LATER)
    sandbox.write("before.sh", BEFORE)
    command = "python3 later.py" if attack == "made later" else "sh before.sh"
    before = f"unshare --map-root-user --mount {command} 2>&1 & until [ -e is-there ]; do sleep 0.02; done"
    told = meanwhile(
        sandbox,
        lambda _: sandbox.write("below/.env"),
        ": > look; wait",
        before=before,
        until=(("hidden", "below/.env"),),
    )
    assert SECRET not in told.stdout
    denied = "Operation not permitted" if attack == "made later" else "Permission denied"
    assert denied in told.stdout, told.stdout
