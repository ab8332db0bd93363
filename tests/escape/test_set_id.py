"""No file becomes one that runs as its owner outside, and no snapshot shows what is covered."""

from __future__ import annotations

import os
import stat

import pytest
from sandbox import Sandbox

from aigate.backends.seccomp import FCHMODAT2, MACHINES, OPENAT2

BACKENDS = ("bwrap", "unshare")
CALLS = MACHINES[os.uname().machine]
TRIED = {
    "chmod": f"call({CALLS.chmod}, b'f', MODE)",
    "fchmod": f"call({CALLS.fchmod}, os.open('f', os.O_RDONLY), MODE)",
    "fchmodat": f"call({CALLS.fchmodat}, -100, b'f', MODE)",
    "fchmodat2": f"call({FCHMODAT2}, -100, b'f', MODE, 0)",
    "creat": f"call({CALLS.creat}, b'new', MODE)",
    "mknod": f"call({CALLS.mknod}, b'new', 0o100000 | MODE, 0)",
    "mknodat": f"call({CALLS.mknodat}, -100, b'new', 0o100000 | MODE, 0)",
    "open": f"call({CALLS.open}, b'new', 0o102, MODE)",
    "openat": f"call({CALLS.openat}, -100, b'new', 0o102, MODE)",
    "openat without a name": f"call({CALLS.openat}, -100, b'.', 0o20000002 | os.O_DIRECTORY, MODE)",
    "with high bits": f"call({CALLS.fchmodat}, -100, b'f', 0x700000000 | MODE)",
}
START = """
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
os.umask(0)
def call(number, *words):
    words = [ctypes.c_ulong(word) if isinstance(word, int) and word > 0 else word for word in words]
    done = libc.syscall(number, *words)
    return "done" if done >= 0 else ctypes.get_errno()
open("f", "w").close()
"""


@pytest.mark.parametrize("mode", [0o4755, 0o6755, 0o4000, 0o2755, 0o755])
def test_a_file_that_runs_as_its_owner(sandbox: Sandbox, mode: int) -> None:
    """By each call that gives a file its mode. The group's bit is for directories, so on what is there it passes."""
    tried = {name: call for name, call in TRIED.items() if "call(None" not in call}
    attempts = "".join(
        f"print({name!r}, {call})\nos.path.exists('new') and os.remove('new')\n" for name, call in tried.items()
    )
    done = sandbox.run("python3", "-c", f"{START}MODE = {mode}\n{attempts}")
    changes = {"chmod", "fchmod", "fchmodat", "fchmodat2", "with high bits"}
    passed = set(tried) if mode == 0o755 else changes if mode == 0o2755 else set()
    assert done.stdout.splitlines() == [f"{name} {'done' if name in passed else 1}" for name in tried], done.stderr
    assert not (sandbox.project / "f").stat().st_mode & 0o4000


def test_what_the_mode_does_not_count_for(sandbox: Sandbox) -> None:
    """An open(2) that makes no file passes any mode: programs leave what they find in the register."""
    done = sandbox.run("python3", "-c", f"{START}print(call({CALLS.openat}, -100, b'f', 0, 0o7777))")
    assert done.stdout == "done\n", done.stderr


def test_a_directory_for_a_group(sandbox: Sandbox) -> None:
    done = sandbox.shell("mkdir d && chmod 2775 d && stat -c %a d && git init -q --shared=group g && echo made")
    assert done.stdout == "2775\nmade\n", done.stderr


@pytest.mark.everywhere
def test_a_program_of_the_groups_is_none_any_more_when_the_run_has_ended(sandbox: Sandbox) -> None:
    kept = sandbox.write("was/there", "", 0o2755)
    kept.chmod(0o2755)
    deep = "/".join(["d" * 200] * 30)  # no path is that long
    script = f"""
        for each in a 'b c'; do echo > "$each"; chmod 2755 "$each"; done
        echo > lock; chmod 2644 lock; ln -s was/there link; mkdir dir; chmod 2775 dir
        mkdir closed; echo > closed/d; chmod 2711 closed/d; chmod 077 closed
        for each in {deep.replace("/", " ")}; do mkdir $each; cd $each; done; echo > c; chmod 2711 c"""
    done = sandbox.shell(script)
    assert "was given its group's set-id bit" in done.stderr
    assert stat.S_IMODE((sandbox.project / "closed").stat().st_mode) == 0o077
    (sandbox.project / "closed").chmod(0o700)
    found = sandbox.outside("find", ".", "-perm", "-2000", "-not", "-path", "./.git/*").stdout.split()
    assert sorted(found) == ["./dir", "./lock", "./was/there"]


def test_where_none_was_given_nothing_is_looked_for(sandbox: Sandbox) -> None:
    """And who sets the bits of a directory alone is told nothing."""
    assert sandbox.shell("mkdir dir; chmod 2775 dir").stderr == ""


def test_openat2_is_said_to_be_missing(sandbox: Sandbox) -> None:
    call = f"call({OPENAT2}, -100, b'new', struct.pack('QQQ', 0o102, 0o4755, 0), 24)"
    done = sandbox.run("python3", "-c", f"{START}print({call}, os.path.exists('new'))")
    assert done.stdout == "38 False\n", done.stderr


def test_snapshots(sandbox: Sandbox) -> None:
    """Refused by the filter (EPERM) where this file system answers ENOTTY; a clone (EBADF) shows what can be read."""
    refused = (0x50009401, 0x50009417, 0x5000940F, 0x5000943F, 0x4020BC10, 0x4020BC11, 0x4030BC1D, 0x4030BC1E)
    calls = [
        f"call({CALLS.ioctl}, os.open('.', os.O_RDONLY), {number}, -1)" for number in (*refused, 0x5000940E, 0x40049409)
    ]
    done = sandbox.run("python3", "-c", f"{START}print({', '.join(calls)})")
    assert done.stdout.split() == [*["1"] * len(refused), "25", "9"], done.stderr
