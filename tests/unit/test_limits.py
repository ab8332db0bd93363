"""Limits: what they come to in each situation, and how a situation is told from what /proc and /sys say."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from aigate.config.model import ResourceLimits
from aigate.errors import EnforcementError, UsageError
from aigate.host.cgroup import look, own_group
from aigate.host.limits import Machine, Place, plan_limits
from aigate.policy import require
from aigate.record import replace

if TYPE_CHECKING:
    import pathlib

ALL = ("memory", "cpu", "pids")
LIMITS = ResourceLimits(4 << 30, 80, 1000)
USER = Machine(processors=4, page_size=4096, uid=1000, kernel=(6, 1), swap=True)
ROOT = replace(USER, uid=0)
NOWHERE = Place("none", reason="no tree")
DIRECT = Place("direct", ALL, "/sys/fs/cgroup/x")


def test_everything_goes_into_the_group() -> None:
    plan = plan_limits(LIMITS, DIRECT, USER)
    assert plan.settings == (
        ("memory.max", str(4 << 30)),
        ("memory.swap.max", "0"),
        ("memory.oom.group", "1"),
        ("pids.max", "1002"),
        ("cpu.max", "320000 100000"),
    )
    assert plan.controllers == ("cpu", "memory", "pids")
    assert plan.inactive == plan.optional == ()
    assert plan.processes is None


def test_nothing_is_asked_for() -> None:
    plan = plan_limits(ResourceLimits(), NOWHERE, USER)
    assert plan.settings == plan.inactive == ()


def test_an_ordinary_user_without_a_group_has_rlimits() -> None:
    plan = plan_limits(LIMITS, NOWHERE, USER)
    assert plan.settings == ()
    assert plan.processes == 1000
    assert plan.inactive == ("max_memory and max_cpu_percent are not enforced: no tree",)


@pytest.mark.parametrize("machine", [ROOT, replace(USER, kernel=(5, 13)), replace(USER, kernel=(4, 19))])
def test_rlimits_that_count_wrongly_are_not_used(machine: Machine) -> None:
    plan = plan_limits(LIMITS, NOWHERE, machine)
    assert plan.processes is None
    assert plan.inactive == ("max_memory, max_cpu_percent and max_pids are not enforced: no tree",)


def test_a_missing_controller_is_named() -> None:
    plan = plan_limits(LIMITS, Place("user", ("memory", "pids"), reason="no cpu"), USER)
    assert [name for name, _ in plan.settings] == ["memory.max", "memory.swap.max", "memory.oom.group", "pids.max"]
    assert plan.inactive == ("max_cpu_percent is not enforced: no cpu",)


def test_without_swap_the_swap_file_may_be_missing() -> None:
    assert plan_limits(LIMITS, DIRECT, replace(USER, swap=False)).optional == ("memory.swap.max",)


@pytest.mark.parametrize(
    ("percent", "processors", "value"),
    [
        (50, 1, "50000 100000"),
        (80, 16, "1280000 100000"),
        (100, 2, "max 100000"),
        (250, 2, "max 100000"),
        (0.5, 1, "5000 1000000"),
        (0.01, 1, "1000 1000000"),
        (12.5, 2, "25000 100000"),
    ],
)
def test_the_share_is_of_the_whole_machine(percent: float, processors: int, value: str) -> None:
    plan = plan_limits(ResourceLimits(max_cpu_percent=percent), DIRECT, replace(USER, processors=processors))
    assert plan.settings == (("cpu.max", value),)


@pytest.mark.parametrize(
    ("limits", "name", "value"),
    [
        (ResourceLimits(max_memory=10_000), "memory.max", "8192"),
        (ResourceLimits(max_memory=1), "memory.max", "4096"),
        (ResourceLimits(max_memory=1 << 80), "memory.max", "max"),
        (ResourceLimits(max_pids=1), "pids.max", "3"),
        (ResourceLimits(max_pids=10**9), "pids.max", "max"),
    ],
)
def test_values_are_those_that_the_kernel_reads_back(limits: ResourceLimits, name: str, value: str) -> None:
    assert dict(plan_limits(limits, DIRECT, USER).settings)[name] == value


# ---- looking ----


class Tree:
    """A / with as much of /proc, /sys and /run as `look` reads."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.write("proc/1/cgroup", "0::/init.scope\n")
        self.mount("/")

    def write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def mount(self, visible: str, kind: str = "cgroup2") -> None:
        line = f"30 23 0:26 {visible} /sys/fs/cgroup rw,nosuid shared:4 - {kind} cgroup2 rw\n"
        self.write("proc/self/mountinfo", f"23 28 0:21 / /sys rw - sysfs sysfs rw\n{line}")

    def group(self, path: str, *, procs: str = "", divided: str = "", controllers: str = "cpu memory pids") -> None:
        for name, text in (("procs", procs), ("subtree_control", divided), ("controllers", controllers)):
            self.write(f"sys/fs/cgroup{path}/cgroup.{name}", text)
        if path:
            self.write(f"sys/fs/cgroup{path}/cgroup.type", "domain\n")

    def own(self, path: str) -> None:
        self.write("proc/self/cgroup", f"1:name=systemd:{path}\n0::{path}\n")

    def systemd(self, uid: int = 0) -> None:
        self.write("run/systemd/system/x", "")
        self.write("run/dbus/system_bus_socket" if uid == 0 else f"run/user/{uid}/bus", "")

    def look(self, uid: int, tool: str | None = "/usr/bin/busctl") -> Place:
        place = look(lambda _: tool, uid=uid, root=str(self.root))
        return replace(place, parent=place.parent.removeprefix(str(self.root)))


@pytest.fixture
def tree(tmp_path: pathlib.Path) -> Tree:
    return Tree(tmp_path)


def test_no_tree(tree: Tree) -> None:
    tree.mount("/", "cgroup")
    assert "version 2" in tree.look(1000).reason


def test_version_1_with_an_empty_tree_of_version_2_beside(tree: Tree) -> None:
    tree.group("", controllers="hugetlb")
    tree.own("/")
    place = tree.look(0)
    assert place.way == "none"
    assert "version 1" in place.reason


def test_an_ordinary_user_asks_the_own_manager(tree: Tree) -> None:
    tree.group("")
    tree.group("/user.slice/user-1000.slice/user@1000.service")
    tree.own("/user.slice/user-1000.slice/session-3.scope")
    tree.systemd(1000)
    assert tree.look(1000) == Place("user", ALL, tool="/usr/bin/busctl")


def test_a_controller_that_is_not_delegated_is_named(tree: Tree) -> None:
    tree.group("")
    tree.group("/user.slice/user-1000.slice/user@1000.service", controllers="memory pids")
    tree.systemd(1000)
    place = tree.look(1000)
    assert place.controllers == ("memory", "pids")
    assert "cpu" in place.reason


def test_root_asks_the_system_manager(tree: Tree) -> None:
    tree.group("", divided="memory")
    tree.own("/user.slice/user-0.slice/session-3.scope")
    tree.systemd()
    assert tree.look(0).way == "system"


def as_ordinary_user(monkeypatch: pytest.MonkeyPatch, tree: Tree, *writable: str) -> None:
    """Let only these groups be writable, whoever runs the tests."""
    places = {f"{tree.root}/sys/fs/cgroup{path}" for path in writable}
    monkeypatch.setattr(os, "access", lambda path, _: any(path.removesuffix(end) in places for end in FILES))


FILES = ("", "/cgroup.procs", "/cgroup.subtree_control")


def test_a_user_without_a_bus_and_without_rights(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.group("")
    tree.group("/user.slice/user-1000.slice/session-3.scope", procs="10\n")
    tree.own("/user.slice/user-1000.slice/session-3.scope")
    tree.write("run/systemd/system/x", "")
    as_ordinary_user(monkeypatch, tree)
    place = tree.look(1000)
    assert place.way == "none"
    assert "dbus-user-session" in place.reason
    assert "busctl" in tree.look(1000, tool=None).reason


def test_root_without_systemd_in_the_root_group(tree: Tree) -> None:
    tree.group("", procs="1\n10\n")
    tree.own("/")
    assert tree.look(0) == Place("direct", ALL, "/sys/fs/cgroup")


def test_beside_in_a_delegated_tree(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.group("")
    tree.group("/mine", divided="memory pids")
    tree.group("/mine/shell", procs="10\n")
    tree.own("/mine/shell")
    as_ordinary_user(monkeypatch, tree, "/mine", "/mine/shell")
    assert tree.look(1000) == Place("direct", ALL, "/sys/fs/cgroup/mine")


def test_in_a_container_the_processes_move_aside(tree: Tree) -> None:
    tree.group("", procs="1\n10\n")
    tree.write("sys/fs/cgroup/cgroup.type", "domain\n")
    tree.own("/")
    assert tree.look(0) == Place("direct", ALL, "/sys/fs/cgroup", crowded=True)
    tree.group("/aigate-aside", procs="1\n10\n")
    tree.group("", divided="cpu memory pids")
    tree.own("/aigate-aside")
    assert tree.look(0) == Place("direct", ALL, "/sys/fs/cgroup")


def test_a_container_with_a_part_of_the_tree(tree: Tree) -> None:
    tree.mount("/docker/abc")
    tree.group("", procs="1\n10\n")
    tree.write("sys/fs/cgroup/cgroup.type", "domain\n")
    tree.own("/docker/abc")
    assert tree.look(0) == Place("direct", ALL, "/sys/fs/cgroup", crowded=True)
    tree.own("/docker/other")
    assert tree.look(0).way == "none"


def test_a_container_with_a_read_only_tree(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.group("", procs="1\n")
    tree.own("/")
    as_ordinary_user(monkeypatch, tree)
    assert "container" in tree.look(0).reason


def test_the_group_of_version_2_is_found_among_others() -> None:
    assert own_group("9:name=systemd:/a\n4:memory:/b\n0::/c\n") == "/c"
    assert own_group("9:name=systemd:/a\n") is None


# ---- requirements ----


def test_what_is_required_and_lacking_ends_the_run() -> None:
    require.check(("net", "mask"), {"limits": "no tree"})
    with pytest.raises(EnforcementError, match="limits is required, and no tree"):
        require.check(("net", "limits"), {"limits": "no tree"})


def test_requirements_on_the_command_line() -> None:
    assert require.parse("net,limits") == ("net", "limits")
    assert require.parse("") == ()
    with pytest.raises(UsageError, match="nett"):
        require.parse("net,nett")


def test_another_users_processes_are_limited_by_who_may() -> None:
    limits = ResourceLimits(max_pids=100)
    assert plan_limits(limits, NOWHERE, USER).processes == 100
    foreign = plan_limits(limits, NOWHERE, replace(USER, foreign=True))
    assert (foreign.processes, foreign.inactive) == (None, ("max_pids is not enforced: no tree",))
    assert plan_limits(limits, DIRECT, replace(USER, foreign=True)).inactive == ()
