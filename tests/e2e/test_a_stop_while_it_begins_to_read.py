"""Control-Z that meets a pipeline's first read of the terminal stops it, once: nothing is lost, and `fg` goes on."""

from __future__ import annotations

import random
import subprocess
import time

import pytest
from choice import SEED, budget
from pseudo import CONTROL_Z, Pseudo

BACKENDS = ("bwrap", "unshare")
LONGEST = 0.02  # seconds from its first words to its read


@pytest.mark.parametrize("number", range(budget(3, 3, 20)))
def test_it_stops_and_goes_on(sandbox, number: int) -> None:
    moment = random.Random(f"{SEED} {number}").uniform(0, LONGEST)  # noqa: S311 -- a moment, no secret
    argv = [*sandbox.prefix, "run", "--quiet", "--", "sh", "-c", "echo rea''dy >&2; read x; echo fin''ished"]
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with Pseudo(shell, cwd=sandbox.project, env=sandbox.environment, **sandbox.identity()) as terminal:
        terminal.send(f"PS1='ou''t> '; {subprocess.list2cmdline(argv)} | cat\n".encode())
        terminal.expect(b"ready")
        time.sleep(moment)
        terminal.send(CONTROL_Z)
        terminal.expect(b"Stopped", b"out> ")
        terminal.send(b"fg\n")
        terminal.expect(b"fg\r\n", b"| cat\r\n")
        terminal.send(b"x\n")
        terminal.expect(b"finished", b"out> ")
