"""One system call of a start fails, each in turn: no traceback, no hang, nothing left on the host, no protection lost.

By a budget of seconds the cases are spread over all calls (AIGATE_SEED says which); the full set makes every call fail.
"""

from __future__ import annotations

import pathlib
import subprocess
import time

import pytest
from choice import SEED, SET
from faults import Bench, Fault, Outcome
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
SECONDS = {"quick": 15, "pairs": 40, "full": float("inf")}
PROBE = pathlib.Path(__file__).parents[1] / "support/probe.c"


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Give the program that tells what is in force where it runs."""
    made = tmp_path_factory.mktemp("probe") / "probe"
    subprocess.run(["musl-gcc", "-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o", made, PROBE], check=True)
    return made


def test_a_call_that_fails_costs_a_line_and_nothing_else(sandbox: Sandbox, probe: pathlib.Path) -> None:
    bench = Bench(sandbox, probe)
    until = time.monotonic() + SECONDS[SET]
    wrong: list[tuple[str, Outcome]] = []
    faults = bench.faults(SEED)
    for fault in faults:
        if time.monotonic() > until:
            break
        outcome = bench.meet(fault)
        if outcome.wrong:
            wrong.append((str(fault), outcome))
    assert not wrong, f"seed {SEED}, of {len(faults)} calls: {wrong}"


# What has once gone wrong: a protection lost in silence, a wait without end, something left for good.
ONCE = [
    *(("prctl", "EINVAL", number) for number in (23, 40)),
    ("landlock_restrict_self", "E2BIG", 1),
    ("landlock_restrict_self", "ENOMEM", 2),
    ("renameat", "ENOSPC", 2),
    ("flock", "ENOLCK", 5),
    ("linkat", "ENOSPC", 2),
    ("rename", "EDQUOT", 1),
    ("mprotect", "ENOMEM", 17),
    ("capset", "EINVAL", 1),
    ("ioctl", "ENOMEM", 21),
    ("ioctl", "ENOMEM", 31),
    ("mount_setattr", "EIO", 2),
    ("pidfd_open", "EMFILE", 1),
    ("sendto", "ENOBUFS", 1),
    ("sendto", "ENOBUFS", 3),
    ("signalfd4", "EMFILE", 1),
    ("wait4", "EIO", 1),
    ("rt_sigprocmask", "EIO", 1),
]


@pytest.mark.only("own")
def test_what_once_went_wrong(sandbox: Sandbox, probe: pathlib.Path) -> None:
    bench = Bench(sandbox, probe)
    outcomes = [(call, error, when, bench.meet(Fault(call, when, error))) for call, error, when in ONCE]
    assert not [outcome for outcome in outcomes if outcome[-1].wrong]
