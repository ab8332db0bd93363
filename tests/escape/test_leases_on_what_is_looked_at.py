"""A lease (fcntl(2), F_SETLEASE) makes whoever opens a file wait for 45 seconds: nobody does, before or in a run."""

from __future__ import annotations

import subprocess
import sys

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
LONGEST = 40  # seconds: less than a lease that is to be given up lasts (proc(5), fs.lease-break-time)
TAKE = """
import fcntl, os, signal, sys, time
signal.signal(signal.SIGIO, signal.SIG_IGN)
place, name = sys.argv[1:]
file = os.open(place, os.O_RDWR | os.O_CREAT, 0o644)
os.write(file, b"deny_read: [x]\\n")
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
os.rename(place, name)
"""
HOLD = f"{TAKE}\nprint('held', flush=True)\nsys.stdin.read()"
UNTIL_GONE = f"{TAKE}\nwhile os.path.exists(name): time.sleep(0.01)\nprint('gone')"


def test_a_project_file_under_a_lease(sandbox: Sandbox) -> None:
    words = [sys.executable, "-c", HOLD, "plain", ".aigate.yaml"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": sandbox.project}
    with subprocess.Popen(words, env=sandbox.environment, **pipes, **sandbox.identity()) as holder:
        assert holder.stdout.readline() == "held\n"
        done = sandbox.shell("touch ran", timeout=LONGEST)
        holder.stdin.close()
    assert done.returncode == 1
    assert ".aigate.yaml: cannot be opened: a program holds a lease on it" in done.stderr
    assert "hint: to go on without it: mv " in done.stderr
    assert not (sandbox.project / "ran").exists()


def test_what_may_not_appear_and_is_under_a_lease(sandbox: Sandbox) -> None:
    sandbox.config("deny_read: [no.such]\n")
    done = sandbox.run("/usr/bin/python3", "-c", UNTIL_GONE, "plain", ".envrc", timeout=LONGEST)
    assert done.stdout == "gone\n", done.stderr
    assert ".envrc: may not be made by an agent and was moved away" in done.stderr


def test_what_comes_to_be_hidden_and_is_under_a_lease(sandbox: Sandbox) -> None:
    sandbox.config("deny_read: [.env]\nlate: hide\n")
    looked = UNTIL_GONE.replace("os.path.exists", "os.access").replace("(name)", "(name, os.R_OK)")
    done = sandbox.run("/usr/bin/python3", "-c", looked, "plain", ".env", timeout=LONGEST)
    assert done.stdout == "gone\n", done.stderr
    assert ".env: appeared and was hidden" in done.stderr
