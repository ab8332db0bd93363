"""Who carries keys and their echo asks for short turns of the processor; the command has turns as outside."""

from __future__ import annotations

import os

import pytest
from pseudo import Pseudo
from turns import SCHED_GETATTR, TAKES_TURNS, TURN, turns_of

pytestmark = pytest.mark.only("own")  # the process that is started is the one that carries

SHORTEST = 100_000
TELL = """
import ctypes, struct
data = ctypes.create_string_buffer(56)
ctypes.CDLL(None).syscall({number}, 0, data, 56, 0)
print("turn", struct.unpack_from("=Q", data, 24)[0], "told", flush=True)
input()
"""


def test_the_relay_has_short_ones_and_the_command_has_not(sandbox) -> None:
    tell = TELL.format(number=SCHED_GETATTR[os.uname().machine])
    argv = [*sandbox.prefix, "run", "--quiet", "--", "python3", "-c", tell]
    with Pseudo(argv, cwd=str(sandbox.project), env=sandbox.environment) as terminal:
        shown = terminal.expect(b"turn ", b" told")
        assert turns_of(terminal.process.pid)[TURN] == (SHORTEST if TAKES_TURNS else turns_of(0)[TURN])
        assert int(shown.rpartition(b"turn ")[2].partition(b" ")[0]) == turns_of(0)[TURN]
        terminal.send(b"\r")
        assert terminal.wait() == 0
