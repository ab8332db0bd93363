"""Where no process, thread or memory is left, the hint names the limit that was met, and no other."""

from __future__ import annotations

import errno
import os
import pathlib

import pytest

from aigate import scarce
from aigate.errors import remedy, remedy_of_words
from aigate.reading import read_from

ROOMY = {
    "proc/loadavg": "0.1 0.2 0.3 1/300 4711\n",
    "proc/meminfo": "MemAvailable: 4000000 kB\nCommitLimit: 9000000 kB\nCommitted_AS: 1000000 kB\n",
    "proc/self/cgroup": "8:pids:/user/me\n4:memory:/\n0::/user.slice/me\n",
    "proc/self/mountinfo": (
        "30 25 0:26 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
        "31 25 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "32 25 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
    ),
    "proc/self/status": "Uid:\t7\t7\t7\t7\nVmSize:\t 100000 kB\nVmData:\t 50000 kB\nThreads:\t1\n",
    "proc/sys/kernel/threads-max": "190000\n",
    "proc/sys/kernel/pid_max": "32768\n",
    "proc/sys/vm/overcommit_memory": "0\n",
    "sys/fs/cgroup/pids/user/pids.max": "max\n",
    "sys/fs/cgroup/pids/user/pids.current": "90\n",
}
UNIFIED = "sys/fs/cgroup/unified"


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel asks nothing of root."""
    monkeypatch.setattr(os, "getuid", lambda: 7)


def limit(name: str, value: object) -> dict[str, str]:
    """Return /proc/self/limits as the kernel writes it."""
    lines = [("Limit", "Soft Limit"), ("Max cpu time", "unlimited"), (name, value)]
    return {
        "proc/self/limits": "".join(
            f"{name:<25} {value!s:<20} unlimited            units     \n" for name, value in lines
        )
    }


def machine(top: pathlib.Path, files: dict[str, str] | None = None) -> str:
    for name, text in {**ROOMY, **(files or {})}.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(top)


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"sys/fs/cgroup/pids/user/pids.max": "100\n"}, "the control group /user may hold 100 "),
        ({f"{UNIFIED}/pids.max": "64\n", f"{UNIFIED}/pids.current": "64\n"}, "the control group / may hold 64 "),
        (
            {f"{UNIFIED}/user.slice/me/pids.max": "64\n", f"{UNIFIED}/user.slice/me/pids.current": "60\n"},
            "the control group /user.slice/me may hold 64 ",
        ),
        ({"proc/sys/kernel/threads-max": "305\n"}, "sysctl kernel.threads-max"),
        ({"proc/sys/kernel/pid_max": "301\n"}, "sysctl kernel.pid_max"),
    ],
)
def test_of_processes(tmp_path: pathlib.Path, files: dict[str, str], named: str) -> None:
    assert named in scarce.processes(machine(tmp_path, files))
    assert named in scarce.threads(str(tmp_path))


def test_a_container_that_names_the_whole_path_and_shows_a_part(tmp_path: pathlib.Path) -> None:
    files = {
        "proc/self/cgroup": "0::/docker/4711\n",
        "proc/self/mountinfo": "32 25 0:28 /docker/4711 /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
        "sys/fs/cgroup/pids.max": "50\n",
        "sys/fs/cgroup/pids.current": "50\n",
    }
    assert "may hold 50 processes" in scarce.processes(machine(tmp_path, files))


def test_a_users_own_number_counts_threads_of_his_alone(tmp_path: pathlib.Path) -> None:
    files = {f"proc/{number}/status": f"Uid:\t{number}\t7\nThreads:\t40\n" for number in (7, 8)}
    few, enough = ({**files, **limit("Max processes", number)} for number in (50, 100))
    assert "ulimit -u is 50, and 40 " in scarce.processes(machine(tmp_path, few))
    assert scarce.processes(machine(tmp_path, enough)) == scarce.ANY_PROCESS


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"sys/fs/cgroup/memory/memory.limit_in_bytes": f"{200 << 20}\n"}, "the control group / may use 200 MiB"),
        ({"proc/meminfo": "MemAvailable: 900 kB\n"}, "the machine's memory is used up"),
        (
            {"proc/sys/vm/overcommit_memory": "2\n", "proc/meminfo": "CommitLimit: 9 kB\nCommitted_AS: 8 kB\n"},
            "over",
        ),
        (limit("Max address space", 100 << 20), "ulimit -v is 102400"),
        (limit("Max data size", 100 << 20), "ulimit -d is 102400"),
    ],
)
def test_of_memory(tmp_path: pathlib.Path, files: dict[str, str], named: str) -> None:
    used = {"sys/fs/cgroup/memory/memory.usage_in_bytes": f"{190 << 20}\n"}
    assert named in str(scarce.memory(machine(tmp_path, {**used, **files})))
    assert named in scarce.threads(str(tmp_path))


def test_where_nothing_is_short_no_limit_is_named(tmp_path: pathlib.Path) -> None:
    assert scarce.processes(machine(tmp_path)) == scarce.ANY_PROCESS
    assert (scarce.memory(str(tmp_path)), scarce.threads(str(tmp_path))) == (None, scarce.ANY_MEMORY)


def test_where_nothing_can_be_read_nothing_fails(tmp_path: pathlib.Path) -> None:
    assert scarce.processes(str(tmp_path))
    assert scarce.threads(str(tmp_path))


def test_a_file_that_holds_nothing_yet_is_no_matter_of_processes() -> None:
    reader, writer = os.pipe2(os.O_NONBLOCK)
    with open(reader, "rb", buffering=0) as file, pytest.raises(BlockingIOError) as raised:
        read_from(file)
    os.close(writer)
    assert remedy(raised.value) is None
    assert remedy(OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))) is not None


def test_what_another_process_of_ours_was_refused() -> None:
    assert remedy_of_words("x cannot be started: Resource temporarily unavailable")
    assert remedy_of_words("the limit on open files cannot be set: Operation not permitted") is None
