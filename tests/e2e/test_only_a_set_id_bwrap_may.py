"""Where only a set-id bubblewrap may make user namespaces, it makes everything, and what that costs is told."""

from __future__ import annotations

import os
import pathlib
import struct
import subprocess
import sys

import pytest
from sandbox import Sandbox

pytestmark = [
    pytest.mark.skipif(os.getuid() != 0, reason="only root can make a program set-id"),
    pytest.mark.only("user"),
]

BACKENDS = ("bwrap", "unshare")
UNSHARE, CLONE_NEWUSER, ALLOW, REFUSE = 272 if os.uname().machine == "x86_64" else 97, 0x10000000, 0x7FFF0000, 0x50001
# bwrap makes its namespace by clone(2), aigate by unshare(2). Root's filter brings no no_new_privs with it.
STEPS = ((0x20, 0, 0, 0), (0x15, 0, 3, UNSHARE), (0x20, 0, 0, 16), (0x45, 0, 1, CLONE_NEWUSER), (6, 0, 0, REFUSE))
PROGRAM = b"".join(struct.pack("=HBBI", *step) for step in (*STEPS, (6, 0, 0, ALLOW)))
FILTER = f"""
import ctypes, os, struct, sys
code = ctypes.create_string_buffer({PROGRAM!r})
head = struct.pack("HP", {len(PROGRAM) // 8}, ctypes.addressof(code))
assert ctypes.CDLL(None).prctl(22, 2, head, 0, 0) == 0
os.execvp(sys.argv[1], sys.argv[1:])
"""
SET_ID = "mount -t tmpfs none /mnt && cp /usr/bin/bwrap /mnt/bwrap && chmod 4755 /mnt/bwrap && "
PLACE = 'mount --bind /mnt/bwrap /usr/bin/bwrap && exec "$@"'
TRY = "cat .env; git status --short; curl; touch ran"


def run(sandbox: Sandbox, *options: str) -> subprocess.CompletedProcess[str]:
    """Run what tries everything there."""
    identity = ["setpriv", "--reuid", str(sandbox.uid), "--regid", str(sandbox.gid), "--clear-groups"]
    inner = [*identity, *sandbox.prefix, "run", *options, "--", "sh", "-c", TRY]
    words = ["unshare", "--mount", "sh", "-c", SET_ID + PLACE, "-", sys.executable, "-c", FILTER, *inner]
    return subprocess.run(
        words, cwd=sandbox.project, env=sandbox.environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def project(sandbox: Sandbox) -> pathlib.Path:
    sandbox.write(".env")
    sandbox.outside("git", "add", "--force", ".env")
    return sandbox.project


@pytest.mark.parametrize("network", ["", "allow_net: []\n"], ids=["the hosts", "none"])
def test_it_makes_everything(sandbox: Sandbox, project: pathlib.Path, network: str) -> None:
    sandbox.config(f"deny_read: [.env]\ndeny_exec: [curl]\n{network}")
    done = run(sandbox, "--quiet")
    if sandbox.backend == "unshare":
        assert (done.returncode, done.stdout) == (1, "")
        assert "backend: unshare cannot be had: bwrap is setuid here" in done.stderr
    else:
        assert "cat: .env: Permission denied" in done.stderr
        assert "aigate: curl is denied by policy" in done.stderr
        assert (project / "ran").exists()


def test_what_cannot_be_had_beside_it_is_told(sandbox: Sandbox, project: pathlib.Path) -> None:
    sandbox.config("backend: bwrap\ndeny_read: [.env]\n")
    refused = run(sandbox, "--require", "landlock")
    assert "landlock is required, and only a set-id bwrap can make the sandbox" in refused.stderr
    assert not (project / "ran").exists()
    told = [line for line in run(sandbox).stderr.splitlines() if "not active" in line]
    assert [line.split(": ")[2] for line in told] == ["home", "landlock", "watch"]
