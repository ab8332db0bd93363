"""Which limit stands in the way where the system gives no process, no thread or no memory, told apart by /proc.

The kernel says EAGAIN for four limits and ENOMEM for as many. Looks from outside of any sandbox, and only afterwards:
what is as good as used up counts, since what failed may have ended in between. Nothing here raises.
"""

from __future__ import annotations

import os

from aigate.reading import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NEARLY = 16  # processes: as many may have ended before anybody looked
LITTLE = 64 << 20  # bytes: what a process with a thread takes and gives back when it fails
ANY_PROCESS = "end some processes, or raise their limit: ulimit -u"
ANY_MEMORY = "free memory, or raise the limit: ulimit -u, ulimit -v"
FILES = {"pids": ("pids.max", "pids.current"), "memory": ("memory.max", "memory.current")}
FILES_1 = {"pids": FILES["pids"], "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes")}


def processes(root: str = "") -> str:
    """Return what to do where no process can be had. root: where tests have made a /."""
    return of_processes(root) or ANY_PROCESS


def threads(root: str = "") -> str:
    """Return what to do where no thread can be had, which is refused for want of memory with the same word."""
    return of_processes(root) or _of_memory(root) or ANY_MEMORY


def memory(root: str = "") -> str | None:
    """Return what to do where no memory can be had, None where nothing is known of it."""
    return _of_memory(root)


def of_processes(root: str = "") -> str | None:
    """Return what to do where it is known which limit no process could be had for."""
    for place, most in _used_up("pids", root, NEARLY):
        limit = f"the control group {place} may hold {most} processes and threads"
        return f"{limit}: pids.max, docker's --pids-limit, TasksMax"
    own_limits = _limits(root)
    most = own_limits.get("Max processes", 0)
    if "Max processes" in own_limits and os.getuid():  # the kernel asks nothing of root
        running = _of_user(os.getuid(), root)
        if running + NEARLY > most:
            return f"ulimit -u is {most}, and {running} processes and threads of yours run: end some, or raise it"
    everybodys = _number(text_of(f"{root}/proc/loadavg").partition("/")[2])
    for name in ("threads-max", "pid_max"):
        most = _number(text_of(f"{root}/proc/sys/kernel/{name}"))
        if most and everybodys + NEARLY > most:
            runs = f"the whole machine runs {everybodys} processes and threads"
            return f"{runs}: end some, or raise it: sysctl kernel.{name}"
    return None


def _of_memory(root: str) -> str | None:
    for place, most in _used_up("memory", root, LITTLE):
        return f"the control group {place} may use {most >> 20} MiB: memory.max, docker's --memory, MemoryMax"
    own, own_limits = _fields(f"{root}/proc/self/status"), _limits(root)
    for which, name, option in (("Max address space", "VmSize", "v"), ("Max data size", "VmData", "d")):
        if which in own_limits and own.get(name, 0) + LITTLE > own_limits[which]:
            return f"ulimit -{option} is {own_limits[which] >> 10}: raise it"
    machine = _fields(f"{root}/proc/meminfo")
    strict = text_of(f"{root}/proc/sys/vm/overcommit_memory").strip() == "2"
    if strict and machine.get("Committed_AS", 0) + LITTLE > machine.get("CommitLimit", 0):
        return "the machine has promised all its memory: end something, or raise it: sysctl vm.overcommit_ratio"
    if "MemAvailable" in machine and machine["MemAvailable"] < LITTLE:
        return "the machine's memory is used up: end something"
    return None


def _used_up(controller: str, root: str, margin: int) -> Iterator[tuple[str, int]]:
    """Yield the control groups around this process that may hold no more, with what they may, the nearest first."""
    for mount, names, own in _hierarchies(controller, root):
        path = own
        files = FILES_1[controller] if names else FILES[controller]
        while True:
            most, used = (text_of(f"{root}{mount}{path}/{name}").strip() for name in files)
            if most.isdecimal() and used.isdecimal() and int(used) + margin > int(most):
                yield path or "/", int(most)
            if not path:
                break
            path = path.rpartition("/")[0]


def _hierarchies(controller: str, root: str) -> Iterator[tuple[str, str, str]]:
    """Yield where a controller's groups are seen: a mount, the controllers of version 1, this process's group below."""
    own: dict[str, str] = {}
    for line in text_of(f"{root}/proc/self/cgroup").splitlines():
        number, names, path = [*line.split(":", 2), "", ""][:3]
        if number == "0" or controller in names.split(","):
            own[names] = path
    for line in text_of(f"{root}/proc/self/mountinfo").splitlines():
        words, _, rest = line.partition(" - ")
        fields, kind = words.split(), rest.split()
        if len(kind) < 3 or kind[0] not in ("cgroup", "cgroup2"):  # noqa: PLR2004 -- type, source, options
            continue
        for names, path in own.items():
            if kind[0] == "cgroup2" if not names else controller in kind[2].split(","):
                top = fields[3].rstrip("/")  # a container shows a part of the tree, and may name the whole path
                yield fields[4], names, path.removeprefix(top).rstrip("/") if path.startswith(top) else ""


def _limits(root: str) -> dict[str, int]:
    """Return this process's own limits, by the kernel's names for them, without those that are none."""
    found = {}
    for line in text_of(f"{root}/proc/self/limits").splitlines():
        name, soft = line[:26].strip(), line[26:].split()[:1]  # proc(5): columns
        if soft and soft[0].isdecimal():
            found[name] = int(soft[0])
    return found


def _of_user(user: int, root: str) -> int:
    """Return how many processes and threads a user has, as far as they can be seen."""
    found = 0
    for name in _names(f"{root}/proc"):
        if name.isdecimal():
            lines = "\n" + text_of(f"{root}/proc/{name}/status")
            owner = _number(lines.partition("\nUid:")[2])
            found += _number(lines.partition("\nThreads:")[2]) if owner == user else 0
    return found


def _fields(path: str) -> dict[str, int]:
    """Return the lines `Name: NUMBER kB` of a file, in bytes."""
    lines = (line.partition(":") for line in text_of(path).splitlines() if line.endswith(" kB"))
    return {name: _number(rest) << 10 for name, _, rest in lines}


def _number(text: str) -> int:
    word = (text.split(None, 1) or [""])[0]
    return int(word) if word.isdecimal() else 0


def _names(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []
