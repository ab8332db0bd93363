"""What the limits of the config come to on a machine: values for a control group, what else can be done, what cannot.

Pure: `aigate.host.cgroup` looks at the machine before, and acts on the plan afterwards. The files and their values are
those of control groups of version 2 (the kernel's Documentation/admin-guide/cgroup-v2.rst).
"""

from __future__ import annotations

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.config.model import ResourceLimits

CONTROLLERS = {"max_memory": "memory", "max_cpu_percent": "cpu", "max_pids": "pids"}
OWN_PROCESSES = 2  # bubblewrap outside of the process namespace, and our process 1 inside of it
MOST_PROCESSES = 4 * 1024 * 1024  # PID_MAX_LIMIT, linux/threads.h; the same as no limit
MOST_MEMORY = 1 << 62
PERIOD, LONGEST_PERIOD, LEAST_QUOTA = 100_000, 1_000_000, 1_000  # microseconds; sched(7) and cgroup-v2.rst
COUNTED_BY_NAMESPACE = (5, 14)  # since then RLIMIT_NPROC counts each user namespace by itself
EVERYTHING = 100


@record
class Place:
    """Where a control group can be had.

    way: `direct` (made in `parent`), `user` or `system` (by that systemd manager, through `tool`), `none`.
    controllers: what it can limit. crowded: `parent` holds processes that must move aside first.
    reason: why something is missing, with the remedy.
    """

    way: str
    controllers: tuple[str, ...] = ()
    parent: str = ""
    crowded: bool = False
    tool: str = ""
    reason: str = ""


@record
class Machine:
    """What the values depend on. page_size: bytes. kernel: major and minor number. swap: whether there is any.

    foreign: the command's processes are another user's, whose limits aigate may not set (prlimit(2)).
    """

    processors: int
    page_size: int
    uid: int
    kernel: tuple[int, int]
    swap: bool
    foreign: bool = False


@record
class LimitPlan:
    """How the limits of one run are enforced.

    settings: files of the control group and what is written to them, in order. optional: those that may be missing.
    processes: the value for RLIMIT_NPROC inside, or None. inactive: what is not enforced, and why.
    limits: what was asked for.
    """

    place: Place
    limits: ResourceLimits
    settings: tuple[tuple[str, str], ...] = ()
    optional: tuple[str, ...] = ()
    processes: int | None = None
    inactive: tuple[str, ...] = ()

    @property
    def controllers(self) -> tuple[str, ...]:
        """Return the controllers that the settings belong to."""
        return tuple(sorted({name.partition(".")[0] for name, _ in self.settings}))


def plan_limits(limits: ResourceLimits, place: Place, machine: Machine) -> LimitPlan:
    """Return how limits are enforced in a place on a machine; what cannot be is in `inactive`."""
    wanted = [name for name in CONTROLLERS if getattr(limits, name) is not None]
    grouped = [name for name in wanted if CONTROLLERS[name] in place.controllers]
    settings: list[tuple[str, str]] = []
    if limits.max_memory is not None and "max_memory" in grouped:
        settings += _memory(limits.max_memory, machine.page_size)
    if limits.max_pids is not None and "max_pids" in grouped:
        settings.append(("pids.max", _processes(limits.max_pids)))
    if limits.max_cpu_percent is not None and "max_cpu_percent" in grouped:
        settings.append(("cpu.max", _processor(limits.max_cpu_percent, machine.processors)))
    missing = [name for name in wanted if name not in grouped]
    counted = machine.uid != 0 and machine.kernel >= COUNTED_BY_NAMESPACE
    by_rlimit = "max_pids" in missing and counted and not machine.foreign
    if by_rlimit:
        missing.remove("max_pids")
    return LimitPlan(
        place,
        limits,
        tuple(settings),
        () if machine.swap else ("memory.swap.max",),
        limits.max_pids if by_rlimit else None,
        (f"{_and(missing)} not enforced: {place.reason}",) if missing else (),
    )


def plan_by_rlimits(limits: ResourceLimits, place: Place, uid: int) -> LimitPlan:
    """Return what of limits holds on a system that has nothing but setrlimit(2): the number of processes, but for root.

    Memory does not: the systems in question count address space, of which runtimes reserve far more than they use.
    """
    processes = limits.max_pids if uid != 0 else None
    missing = [name for name in CONTROLLERS if getattr(limits, name) is not None and name != "max_pids"]
    if limits.max_pids is not None and processes is None:
        missing.append("max_pids")
    reasons = (f"{_and(missing)} not enforced: {place.reason}",) if missing else ()
    return LimitPlan(place, limits, processes=processes, inactive=reasons)


def _memory(limit: int, page_size: int) -> list[tuple[str, str]]:
    """Return the values for memory: swap counts too, so there is none; and what runs out of it ends as a whole."""
    value = "max" if limit >= MOST_MEMORY else str(max(limit // page_size, 1) * page_size)
    return [("memory.max", value), ("memory.swap.max", "0"), ("memory.oom.group", "1")]


def _processes(limit: int) -> str:
    return "max" if limit + OWN_PROCESSES >= MOST_PROCESSES else str(limit + OWN_PROCESSES)


def _processor(percent: float, processors: int) -> str:
    """Return quota and period: so many microseconds of processor time in each period, over all processors."""
    if percent >= EVERYTHING:
        return f"max {PERIOD}"
    share = percent / 100 * processors
    period = PERIOD if share * PERIOD >= LEAST_QUOTA else LONGEST_PERIOD
    return f"{max(int(share * period), LEAST_QUOTA)} {period}"


def _and(names: list[str]) -> str:
    verb = "is" if len(names) == 1 else "are"
    return f"{' and '.join((', '.join(names[:-1]), names[-1])) if names[1:] else names[0]} {verb}"
