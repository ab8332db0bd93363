"""Which system calls of a start are to fail, and how: each place of each process, once.

A place is a call in a process, with its arguments but for numbers, addresses, names of signals and of capabilities and
the last name of a path, after the call before it. A loop makes the same place again and again: its first round, its
second and its last are taken. Owns that choice; knows nothing of how aigate works.
"""

from __future__ import annotations

import errno
import functools
import random
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

EACH = "*"  # in place of one process
FIRST = "0"  # the process that is started; its second child is 0.2
NEVER = frozenset(  # cannot fail in this way, or not without the process's own end
    {"exit", "exit_group", "rt_sigreturn", "restart_syscall", "brk", "munmap", "arch_prctl", "set_tid_address"}
    | {"set_robust_list", "rseq", "getpid", "getuid", "geteuid", "getgid", "getegid", "gettid", "getppid"}
    | {"sched_yield", "umask", "futex", "getrandom", "close", "rt_sigaction"}
)
FILES = ("ENOSPC", "EMFILE", "EIO", "ENFILE")
PROCESSES = ("EAGAIN", "ENOMEM")
FIT = {
    **dict.fromkeys(("open", "openat", "openat2", "creat"), FILES),
    **dict.fromkeys(("fork", "vfork", "clone", "clone3"), PROCESSES),
    **dict.fromkeys(("write", "pwrite64", "writev"), ("ENOSPC", "EIO", "EDQUOT")),
    **dict.fromkeys(
        ("mkdir", "mkdirat", "link", "linkat", "symlinkat", "rename", "renameat", "renameat2"), ("ENOSPC", "EDQUOT")
    ),
    **dict.fromkeys(
        ("pipe", "pipe2", "socket", "socketpair", "memfd_create", "dup", "dup2", "dup3"), ("EMFILE", "ENFILE")
    ),
    **dict.fromkeys(
        ("eventfd2", "signalfd4", "epoll_create1", "inotify_init1", "pidfd_open", "timerfd_create"), ("EMFILE",)
    ),
    **dict.fromkeys(("epoll_ctl", "inotify_add_watch"), ("ENOSPC", "ENOMEM")),
    **dict.fromkeys(("mmap", "mprotect", "mremap", "execve", "poll", "pselect6", "select"), ("ENOMEM",)),
    **dict.fromkeys(("flock",), ("ENOLCK",)),
    **dict.fromkeys(("fcntl",), ("ENOLCK", "EINVAL")),
    **dict.fromkeys(("sendto", "sendmsg"), ("ENOBUFS", "ENOMEM")),
    **dict.fromkeys(("recvfrom", "recvmsg"), ("ENOMEM",)),
    **dict.fromkeys(
        ("mount", "mount_setattr", "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig"), ("ENOMEM", "EPERM")
    ),
    **dict.fromkeys(("prctl", "seccomp", "setns", "unshare", "prlimit64", "capset", "kill"), ("EPERM", "EINVAL")),
    **dict.fromkeys(("landlock_create_ruleset", "landlock_restrict_self"), ("E2BIG", "ENOMEM", "EPERM")),
}
OTHERWISE = ("EIO",)
BORN = frozenset({"fork", "vfork", "clone", "clone3"})
LINE = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(\(| resumed>)(.*)")
RESULT = re.compile(r"= (\d+)(?: /\* (\d+) in strace's PID NS \*/)?$")
VARIES = re.compile(r"0x[0-9a-f]+|\d+|SIG[A-Z]+[0-9]*|CAP_[A-Z_]+")


@dataclass(frozen=True)
class Fault:
    """The `when`th such call of a process fails: of each, if `who` is EACH."""

    call: str
    when: int
    error: str
    who: str = EACH

    def __str__(self) -> str:
        return f"{self.call}:{self.error}:{self.when}:{self.who}"

    @property
    def words(self) -> list[str]:
        """Return what `fault.c` is told of it."""
        return [self.who, str(_numbers()[self.call]), str(self.when), str(getattr(errno, self.error))]


def without() -> Fault:
    """Return a fault that never comes: what a start shows under the same conditions."""
    return Fault("getpid", 1_000_000, "EIO")


def places(trace: str, seed: int) -> list[Fault]:
    """Return a fault for every place in strace's record, in an order that takes all calls alike."""
    chance = random.Random(seed)  # noqa: S311 -- cases to try, no secret
    queues: dict[str, list[Fault]] = defaultdict(list)
    for who, calls in _processes(trace).items():
        turn: Counter[str] = Counter()
        for call, when in _rounds(calls):
            if (who, call, when) == (FIRST, "execve", 1):
                continue  # whoever starts aigate meets that
            errors = FIT.get(call, OTHERWISE)
            queues[call].append(Fault(call, when, errors[(turn[call] + seed) % len(errors)], who))
            turn[call] += 1
    for queue in queues.values():
        chance.shuffle(queue)
    order = []
    while queues := {call: queue for call, queue in queues.items() if queue}:
        order += [queue.pop() for _, queue in sorted(queues.items())]
    return order


def _rounds(calls: list[tuple[str, str]]) -> Iterator[tuple[str, int]]:
    """Return the calls of a process that are to fail, with their numbers."""
    numbers: Counter[str] = Counter()
    found: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    before, loading = "", False
    for call, arguments in calls:
        numbers[call] += 1
        loaders = loading and call == "mmap"  # of any program: it ends by a signal without
        loading = call == "execve" or (loading and not loaders)
        if call not in NEVER and not loaders:
            found[call, arguments, before].append(numbers[call])
        before = call
    for (call, _, _), whens in found.items():
        yield from ((call, when) for when in sorted({*whens[:2], whens[-1]}))


def _processes(trace: str) -> dict[str, list[tuple[str, str]]]:
    """Return each process's calls by its descent, with what does not vary of their arguments."""
    born: dict[str, tuple[str, int]] = {}
    children: Counter[str] = Counter()
    calls: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in trace.splitlines():
        if not (match := LINE.match(line)):
            continue
        pid, call, kind, rest = match.groups()
        if kind == "(":
            calls[pid].append((call, _shape(rest)))
        if call in BORN and (result := RESULT.search(rest)):
            children[pid] += 1
            born[result[2] or result[1]] = pid, children[pid]

    def who(pid: str) -> str:
        parent, number = born.get(pid, ("", 0))
        return f"{who(parent)}.{number}" if parent else FIRST

    return {who(pid): made for pid, made in calls.items()}


def _shape(arguments: str) -> str:
    text = re.sub(r"( <unfinished \.\.\.>|\) += .*)$", "", arguments)
    text = re.sub(r'"((?:[^"\\]|\\.)*/)?(?:[^"\\]|\\.)*"', r'"\1*"', text)
    return VARIES.sub("N", text)


@functools.cache
def _numbers() -> dict[str, int]:
    """Return the numbers of system calls, as the C compiler knows them."""
    words = ["cc", "-E", "-dM", "-include", "sys/syscall.h", "-x", "c", "/dev/null"]
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return {name: int(number) for name, number in re.findall(r"#define __NR_(\w+) (\d+)", text)}
