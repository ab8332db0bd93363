"""One system call of a start fails, each in turn: no traceback, no hang, nothing left on the host, no protection lost.

There are some 4,000 for each backend; a budget of them is spread over all calls. The full set judges all of it, the
others what must not be lost (`Outcome.grave`): which call has which number differs by machine, and some of those that
are seldom met cost a second line or a wait still (docs/testing.md).
"""

from __future__ import annotations

import pathlib
import subprocess

import pytest
from choice import SEED, SET, budget
from faults import Bench, Fault, Outcome
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
CASES = budget(8, 24, 1000)
EVERY = budget(4, 2, 1)  # of those that have once gone wrong
STILL_WRONG: tuple[
    str, ...
] = ()  # call:error of which a place goes wrong still (docs/testing.md); the full set has them
PROBE = pathlib.Path(__file__).parents[1] / "support/probe.c"


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Give the program that tells what is in force where it runs."""
    made = tmp_path_factory.mktemp("probe") / "probe"
    subprocess.run(["musl-gcc", "-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o", made, PROBE], check=True)
    return made


@pytest.mark.timeout(3000)
def test_a_call_that_fails_costs_a_line_and_nothing_else(sandbox: Sandbox, probe: pathlib.Path) -> None:
    bench = Bench(sandbox, probe)
    seed = SEED if SET == "full" else 1
    wrong: list[tuple[str, Outcome]] = []
    faults = bench.faults(seed)
    if SET != "full":
        faults = [fault for fault in faults if f"{fault.call}:{fault.error}" not in STILL_WRONG]
    for fault in faults[:CASES]:
        outcome = bench.meet(fault)
        if outcome.wrong if SET == "full" else outcome.grave:
            wrong.append((str(fault), outcome))
    assert not wrong, f"seed {seed}, of {len(faults)} calls: {wrong}"


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
    ("seccomp", "EINVAL", 1),
    ("mmap", "ENOMEM", 2),
    ("mmap", "EINVAL", 2),
    ("poll", "EINVAL", 2),
    ("prlimit64", "EINVAL", 9),
    ("read", "EAGAIN", 97),
    ("read", "EAGAIN", 295),
    ("rt_sigprocmask", "EIO", 1),
    ("write", "EIO", 10),
    ("write", "EMFILE", 12),
    ("signalfd4", "EMFILE", 1),
    ("wait4", "EIO", 1),
    ("unshare", "EINVAL", 2),
]


@pytest.mark.only("own")
def test_what_once_went_wrong(sandbox: Sandbox, probe: pathlib.Path) -> None:
    bench = Bench(sandbox, probe)
    tried = ONCE[SEED % EVERY :: EVERY]
    outcomes = [(call, error, when, bench.meet(Fault(call, when, error))) for call, error, when in tried]
    assert not [outcome for outcome in outcomes if outcome[-1].wrong]
