"""One system call of a start fails, each in turn: no traceback, no hang, nothing left on the host, no protection lost.

Each place of each process is one case (`faults.py` says what a place is): some 2,300 for each user and backend. The
smaller sets take a few of them, spread over all calls. The full set takes all and judges all of it, the others what
must not be lost (`Outcome.grave`): which call has which number differs by machine.
"""

from __future__ import annotations

import pathlib
import subprocess

import pytest
from choice import SEED, SET, budget
from faulted import Bench, beside, met
from faults import Fault
from sandbox import Sandbox, open_to_all

BACKENDS = ("bwrap", "unshare")
CASES = budget(8, 24, 1_000_000)
AT_ONCE = budget(1, 1, 6)  # starts: they wait most of their time
EVERY = budget(4, 2, 1)  # of those that have once gone wrong
SUPPORT = pathlib.Path(__file__).parents[1] / "support"


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Give the programs that make a call fail, and that tell what is in force where they run."""
    made = tmp_path_factory.mktemp("programs")
    words = ["-O1", "-Wall", "-Wextra", "-Werror", "-o"]
    subprocess.run(["cc", *words, made / "fault", SUPPORT / "fault.c"], check=True)
    subprocess.run(["musl-gcc", "-static", *words, made / "probe", SUPPORT / "probe.c"], check=True)
    open_to_all(made)
    return made


@pytest.mark.timeout(7200)
def test_a_call_that_fails_costs_a_line_and_nothing_else(sandbox: Sandbox, programs: pathlib.Path) -> None:
    places = beside(sandbox, AT_ONCE) if AT_ONCE > 1 else [sandbox]
    benches = [Bench(place, programs) for place in places]
    seed = SEED if SET == "full" else 1
    faults = benches[0].faults(seed)
    outcomes = met(benches, faults[:CASES])
    wrong = [(str(fault), one) for fault, one in outcomes if (one.wrong if SET == "full" else one.grave)]
    assert not wrong, f"seed {seed}, of {len(faults)} places: {wrong}"
    if SET == "full":
        came = sum(outcome.met for _, outcome in outcomes)
        assert came > 0.9 * len(faults), f"of {len(faults)} calls that were to fail, {came} were made"


# What has once gone wrong: a protection lost in silence, a wait without end, something left for good.
ONCE = [
    *(Fault("prctl", number, "EINVAL") for number in (23, 40)),
    Fault("landlock_restrict_self", 1, "E2BIG"),
    Fault("landlock_restrict_self", 2, "ENOMEM"),
    Fault("renameat", 2, "ENOSPC"),
    Fault("flock", 5, "ENOLCK"),
    Fault("linkat", 2, "ENOSPC"),
    Fault("rename", 1, "EDQUOT"),
    Fault("mprotect", 17, "ENOMEM"),
    Fault("capset", 1, "EINVAL"),
    Fault("ioctl", 21, "ENOMEM"),
    Fault("ioctl", 31, "ENOMEM"),
    Fault("mount_setattr", 2, "EIO"),
    Fault("pidfd_open", 1, "EMFILE"),
    Fault("sendto", 1, "ENOBUFS"),
    Fault("sendto", 3, "ENOBUFS"),
    Fault("seccomp", 1, "EINVAL"),
    Fault("mmap", 2, "ENOMEM"),
    Fault("mmap", 2, "EINVAL"),
    Fault("poll", 2, "EINVAL"),
    Fault("prlimit64", 9, "EINVAL"),
    Fault("read", 97, "EAGAIN"),
    Fault("read", 295, "EAGAIN"),
    Fault("rt_sigprocmask", 1, "EIO"),
    Fault("write", 10, "EIO"),
    Fault("write", 12, "EMFILE"),
    Fault("signalfd4", 1, "EMFILE"),
    Fault("wait4", 1, "EIO"),
    Fault("unshare", 2, "EINVAL"),
    Fault("clone", 1, "EAGAIN", ".aigate-init"),
    Fault("read", 3, "EIO", "guard"),
    *(Fault("write", number, "ENOBUFS", "clerk") for number in (1, 2, 3, 4)),
]


@pytest.mark.only("own")
def test_what_once_went_wrong(sandbox: Sandbox, programs: pathlib.Path) -> None:
    bench = Bench(sandbox, programs)
    tried = ONCE[SEED % EVERY :: EVERY]
    outcomes = [(fault, bench.meet(fault)) for fault in tried]
    assert not [outcome for outcome in outcomes if outcome[-1].wrong]
