"""Puts one run's process into a control group of its own with its limits, and takes the group away afterwards.

The process waits at a gate until every value has been written and read back, and until the kernel says that it is in
the group; whatever fails ends the run before the command exists. Decides nothing: the plan comes from `host.limits`.
"""

from __future__ import annotations

import os
import time

from aigate.errors import EnforcementError
from aigate.host.cgroup import own_group, tree_of
from aigate.reading import read_from
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.host.limits import LimitPlan

PREFIX = "aigate-"
ASIDE = "aigate-aside"  # where processes go that were in the way
COMMAND, GUARD = "command", "guard"
INSIDE = "inside"  # its processes are below it: who makes a namespace there sees no limit, so can lift none
MOST_BELOW = (("cgroup.max.depth", "8"), ("cgroup.max.descendants", "256"))  # where they may make groups
PATIENCE_SECONDS, PAUSE_SECONDS = 10.0, 0.002
HINT = "take resource_limits out of the config to run without"
SYSTEMD = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager")


class Group:
    """The control group of one run, if the plan has any. `leftover`: what to remove after a kill -9, or nothing."""

    def __init__(self, plan: LimitPlan) -> None:
        self._plan = plan
        self._name = f"{PREFIX}{os.getpid()}-{os.urandom(4).hex()}"
        self._wanted = bool(plan.settings)
        self._path = f"{plan.place.parent}/{self._name}" if self._wanted and plan.place.way == "direct" else ""
        self.leftover = self._path
        self._gate = self._opening = -1
        self._made = False

    def close_gate(self) -> None:
        """Make the gate; to be called before the process is forked."""
        if self._wanted:
            self._gate, self._opening = os.pipe2(os.O_CLOEXEC)

    def wait(self) -> None:
        """Wait at the gate, in the forked process. Ends the process when it never opens: the other one has failed."""
        if self._wanted:
            os.close(self._opening)
            if os.read(self._gate, 1) != b"G":
                os._exit(1)

    def admit(self, process: int, guard: int) -> None:
        """Put a process that waits into the group and open the gate.

        guard: a process that outlives it and so keeps systemd from removing the group before it was asked for its
        events. Raises EnforcementError; the caller then ends the process.
        """
        if not self._wanted:
            return
        os.close(self._gate)
        try:
            if self._plan.place.way == "direct":
                self._make_directly(process)
            else:
                self._ask_systemd(process, guard)
            self._set(process)
            os.write(self._opening, b"G")
        except OSError as error:
            what = error.filename or "the control group"
            raise EnforcementError(
                f"the limits cannot be enforced: {what}: {error.strerror or error}", hint=HINT
            ) from None
        finally:
            os.close(self._opening)

    def restrict(self, process: int) -> None:
        """Limit the number of processes by rlimit, for process 1 of the sandbox and so for all that it starts.

        Counted for the user in the sandbox's own namespace, if set from there: set before the namespace is made it
        would count all processes of the user on the machine (setrlimit(2), user_namespaces(7)).
        """
        if self._plan.processes is not None:
            from aigate.host.rlimits import PROCESSES, UNLIMITED, limits_of, set_limits

            try:
                most = limits_of(PROCESSES, process)[1]
                number = self._plan.processes if most == UNLIMITED else min(self._plan.processes, most)
                set_limits(PROCESSES, (number, number), process)
            except EnforcementError as error:
                raise EnforcementError(f"max_pids cannot be enforced: {error.message}", hint=HINT) from None

    @property
    def out_of_memory(self) -> bool:
        """Tell whether the kernel killed it for its memory. Known until `close`."""
        return self._count("memory.events", "oom_kill") > 0

    @property
    def refused_processes(self) -> int:
        """Return how often a process was not started because there were too many. Known until `close`."""
        return self._count("pids.events", "max")

    def close(self) -> None:
        """Kill what is left in the group and remove it. Never raises."""
        if self._made:
            remove(self._path)

    def _count(self, name: str, key: str) -> int:
        try:
            words = _read(f"{self._path}/{name}").split() if self._made else []
        except OSError:
            return 0
        return int(words[words.index(key) + 1]) if key in words else 0

    def _make_directly(self, process: int) -> None:
        place = self._plan.place
        if place.crowded:
            _move_aside(place.parent)
        _sweep(place.parent)
        _enable(place.parent, self._plan.controllers)
        self._make(process)

    def _make(self, process: int) -> None:
        """Make the group, and put a process into one below it, which has no controllers and so no values of its own."""
        os.mkdir(self._path, 0o755)
        self._made = True
        os.mkdir(f"{self._path}/{INSIDE}", 0o755)
        for name, value in MOST_BELOW:
            _write(f"{self._path}/{name}", value)
        _write(f"{self._path}/{INSIDE}/cgroup.procs", str(process))

    def _ask_systemd(self, process: int, guard: int) -> None:
        """Have a scope made with both processes, and divide it: controllers go with groups that hold no processes."""
        unit = f"{self._name}.scope"
        start_scope(self._plan.place.tool, self._plan.place.way, unit, (process, guard))
        until = time.monotonic() + PATIENCE_SECONDS
        while not all(_is_in(each, unit) for each in (process, guard)):
            if time.monotonic() > until:
                raise EnforcementError("the limits cannot be enforced: systemd does not make a scope", hint=HINT)
            time.sleep(PAUSE_SECONDS)
        scope = tree_of(process)
        if scope is None:
            raise EnforcementError("the limits cannot be enforced: systemd's scope cannot be seen here", hint=HINT)
        self._path = f"{scope}/{COMMAND}"
        self._make(process)
        os.mkdir(f"{scope}/{GUARD}", 0o755)
        _write(f"{scope}/{GUARD}/cgroup.procs", str(guard))
        _enable(scope, self._plan.controllers)

    def _set(self, process: int) -> None:
        """Write every value, and see that it holds and that the process is where it holds."""
        for name, value in self._plan.settings:
            path = f"{self._path}/{name}"
            if name in self._plan.optional and not os.path.exists(path):
                continue
            _write(path, value)
            found = _read(path).strip()
            if found != value:
                raise EnforcementError(f"the limits cannot be enforced: {path} is {found}, not {value}", hint=HINT)
        if tree_of(process) != f"{self._path}/{INSIDE}":
            raise EnforcementError(f"the limits cannot be enforced: the command is not in {self._path}", hint=HINT)


def _sweep(parent: str) -> None:
    """Remove the empty groups of runs that were killed together with all that would have removed them."""
    for name in os.listdir(parent):
        process = name.removeprefix(PREFIX).partition("-")[0]
        if name.startswith(PREFIX) and process.isdigit() and not os.path.exists(f"/proc/{process}"):
            _remove_all(f"{parent}/{name}")


def _is_in(process: int, unit: str) -> bool:
    return (own_group(_read(f"/proc/{process}/cgroup")) or "").endswith(f"/{unit}")


def start_scope(tool: str, way: str, unit: str, processes: tuple[int, ...]) -> None:
    """Have a systemd manager put processes into a delegated scope (org.freedesktop.systemd1(5)).

    tool: busctl's path. way: `user` or `system`. Raises EnforcementError.
    """
    pids = [str(process) for process in processes]
    properties = [
        *("Description", "s", "aigate: a sandbox"),
        *("PIDs", "au", str(len(pids)), *pids),
        *("Delegate", "b", "true"),
        *("CollectMode", "s", "inactive-or-failed"),
    ]
    call = ["call", *SYSTEMD, "StartTransientUnit", "ssa(sv)a(sa(sv))", unit, "fail", "4", *properties, "0"]
    runtime = f"/run/user/{os.getuid()}"
    environment = {"XDG_RUNTIME_DIR": runtime, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus"}
    reader, writer = os.pipe2(os.O_CLOEXEC)
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    actions = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, writer, 2)]
    try:
        caller = os.posix_spawn(tool, ["busctl", f"--{way}", "--timeout=10", *call], environment, file_actions=actions)
    finally:
        os.close(writer)
        os.close(null)
    with open(reader, "rb") as said:
        text = read_from(said, 1 << 16).decode("utf-8", "replace").strip()
    if os.waitpid(caller, 0)[1] != 0:
        raise EnforcementError(f"the limits cannot be enforced: systemd refuses a scope: {text}", hint=HINT)


def remove(path: str) -> None:
    """Kill what is left in a group and remove it. Gives up quietly after a second or so."""
    for _ in range(100):
        if _remove_all(path):
            return
        _kill(path)
        time.sleep(0.01)


def _remove_all(path: str) -> bool:
    """Remove a group and those below it, as far as nothing lives in them. Tell whether it is gone."""
    for directory, _, _ in os.walk(path, topdown=False):
        with suppress(OSError):  # something lives in it
            os.rmdir(directory)
    return not os.path.lexists(path)


def _kill(path: str) -> None:
    try:
        _write(f"{path}/cgroup.kill", "1")
    except OSError:
        return  # before Linux 5.14; the end of its process 1 has ended the sandbox


def _move_aside(parent: str) -> None:
    """Move a container's processes into a group below, so that their group can have children with controllers."""
    aside = f"{parent}/{ASIDE}"
    if not os.path.isdir(aside):
        os.mkdir(aside, 0o755)
    while found := _read(f"{parent}/cgroup.procs").split():
        for process in found:
            try:
                _write(f"{aside}/cgroup.procs", process)
            except ProcessLookupError:
                continue


def _enable(directory: str, controllers: tuple[str, ...]) -> None:
    path = f"{directory}/cgroup.subtree_control"
    missing = [name for name in controllers if name not in _read(path).split()]
    if missing:
        _write(path, " ".join(f"+{name}" for name in missing))


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    except OSError as error:
        error.filename = path
        raise
    finally:
        os.close(descriptor)


def _read(path: str) -> str:
    with open(path, "rb") as file:
        return os.fsdecode(read_from(file))
