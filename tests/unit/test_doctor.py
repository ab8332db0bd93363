"""`aigate doctor`: what forbids a sandbox is told apart, what is missing comes with its command, and the verdict."""

from __future__ import annotations

import pytest

from aigate.doctor.packages import install_command, manager
from aigate.doctor.report import Found, Report, Wanted, make_report
from aigate.doctor.tools import Tool, bwrap_problem, look_at_tools
from aigate.doctor.trials import Outcome
from aigate.host.namespaces import Facts, explain
from aigate.record import replace

WORKS = Facts(0, 0, ("15000", "1", "0"), 1000, "", filtered=False)
EPERM, ENOSPC, EINVAL = 1, 28, 22


@pytest.mark.parametrize(
    ("facts", "reason", "remedy"),
    [
        (replace(WORKS, made=ENOSPC, switches=("0", "", "")), "switched off", "user.max_user_namespaces=15000"),
        (replace(WORKS, made=EPERM, switches=("9", "0", "")), "for ordinary users", "unprivileged_userns_clone=1"),
        (replace(WORKS, made=EPERM, switches=("9", "", "1")), "AppArmor", "apparmor_restrict_unprivileged_userns=0"),
        (replace(WORKS, mounted=13, switches=("9", "1", "1")), "AppArmor", "sysctl"),
        (replace(WORKS, nested=EPERM, uid=0, switches=("9", "0", "")), "ordinary users", "unprivileged_userns_clone=1"),
        (replace(WORKS, made=ENOSPC, switches=("9", "", "")), "no more user namespaces", "sysctl"),
        (replace(WORKS, made=EINVAL), "no user namespaces", "CONFIG_USER_NS"),
        (replace(WORKS, made=EPERM), "chroot", "outside"),
        (replace(WORKS, made=EPERM, filtered=True, container="podman"), "podman forbids", "podman run --security-opt"),
        (replace(WORKS, made=EPERM, filtered=True), "seccomp filter", "docker run"),
        (replace(WORKS, made=EPERM), "Operation not permitted", "security module"),
        (replace(WORKS, made=EPERM, uid=0, switches=("9", "0", "1"), filtered=True), "seccomp filter", "docker run"),
    ],
)
def test_what_forbids_user_namespaces_is_told_apart(facts: Facts, reason: str, remedy: str) -> None:
    told = explain(facts)
    assert told is not None
    assert reason in told[0]
    assert remedy in told[1]


def test_nothing_forbids_them() -> None:
    assert explain(WORKS) is None


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("apt", "sudo apt-get install -y iptables"),
        ("dnf", "sudo dnf install -y iptables-nft"),
        ("pacman", "sudo pacman -S --noconfirm iptables-nft"),
        ("apk", "sudo apk add iptables"),
        ("brew", "brew install iptables"),
        (None, "install the package iptables"),
    ],
)
def test_the_command_that_installs(name: str | None, command: str) -> None:
    assert install_command("iptables-restore", name) == command


def test_the_package_manager_is_found() -> None:
    assert manager(lambda name: "/usr/bin/dnf" if name == "dnf" else None) == "dnf"
    assert manager(lambda _: None) is None


@pytest.mark.parametrize(
    ("version", "setuid", "problem"),
    [
        ("0.8.0", False, ""),
        ("0.11.0", True, ""),
        ("0.4.1", False, "too old"),
        ("0.4.0", True, "CVE-2020-5291"),
        ("0.4.0", False, "too old"),
        ("0.3.2", False, "CVE-2019-12439"),
        ("0.1.4", True, "CVE-2016-8659"),
        (None, False, "does not tell"),
    ],
)
def test_what_is_known_against_a_version_of_bubblewrap(version: str | None, setuid: bool, problem: str) -> None:
    told = bwrap_problem(version, setuid=setuid)
    assert told.startswith(problem) if problem else told == ""


def test_missing_tools_come_with_their_command() -> None:
    tools = {tool.name: tool for tool in look_at_tools(lambda _: None, "apt")}
    assert tools["bwrap"].remedy == "sudo apt-get install -y bubblewrap"
    assert tools["busctl"].problem == "not installed"


# ---- the verdict ----

HELD = Outcome(
    tuple((name, True) for name in ("hidden", "read-only", "denied", "processes", "capabilities", "seccomp"))
)
NET = Outcome((("resolver", True), ("addresses", True), ("loopback", True)))
FOUND = Found(
    files=HELD,
    terminal=Outcome((("terminal", True), ("typing", True))),
    masking=Outcome((("mask", True),)),
    network=NET,
    limits=Outcome((("limits", True),)),
    landlock=Outcome((("landlock", False),), "old kernel"),
)
WANTED = Wanted("bwrap", "slirp", limits=True, mask=True, required=())


def report(wanted: Wanted = WANTED, found: Found = FOUND, tools: tuple[Tool, ...] = (), problem: str = "") -> Report:
    return make_report(tools, wanted, found, {"limits": "do this"}, problem)


def test_everything_is_in_force() -> None:
    told = report()
    assert told.complete
    assert told.mode == "bwrap + slirp4netns (full isolation)"


@pytest.mark.parametrize(
    ("wanted", "found", "mode"),
    [
        (replace(WANTED, net="gateway"), FOUND, "bwrap + gateway (full isolation)"),
        (replace(WANTED, backend="unshare"), FOUND, "unshare + slirp4netns (full isolation)"),
        (replace(WANTED, net="none"), FOUND, "bwrap without network (full isolation)"),
        (replace(WANTED, net="host"), FOUND, "bwrap (network unrestricted)"),
        (WANTED, replace(FOUND, network=Outcome((), "no iptables")), "bwrap (not in force: net)"),
        (WANTED, replace(FOUND, limits=Outcome((), "no tree")), "bwrap + slirp4netns (not in force: limits)"),
        (WANTED, replace(FOUND, files=Outcome((), "no bwrap")), "none (nothing can be enforced)"),
        (replace(WANTED, required=("landlock",)), FOUND, "bwrap + slirp4netns (not in force: landlock)"),
    ],
)
def test_the_isolation_mode(wanted: Wanted, found: Found, mode: str) -> None:
    told = report(wanted, found)
    assert told.mode == mode
    assert told.complete == ("full isolation" in mode or wanted.net == "host")


def test_the_filtered_network_is_told_in_detail() -> None:
    wanted = replace(WANTED, net="gateway", slower="no packet queue", filtered="IPv4 and IPv6 filtered (iptables-nft)")
    net = next(check for check in report(wanted).checks if check.name == "net")
    assert net.detail == "through gateway; IPv4 and IPv6 filtered (iptables-nft); no packet queue"


def test_a_required_network_that_is_unrestricted_is_not_enough() -> None:
    assert not report(replace(WANTED, net="host", required=("net",))).complete


def test_one_part_that_does_not_hold_is_named() -> None:
    leaky = Outcome(tuple((name, name != "denied") for name, _ in HELD.held))
    check = next(check for check in report(found=replace(FOUND, files=leaky)).checks if check.name == "filesystem")
    assert (check.state, check.detail) == ("not active", "did not hold: denied")


def test_a_flawed_tool_or_a_broken_config_is_not_enough() -> None:
    assert not report(tools=(Tool("bwrap", "/usr/bin/bwrap", "0.4.0", "x", "CVE"),)).complete
    assert report(tools=(Tool("setfacl", None, None, "x", "not installed"),)).complete
    assert not report(problem="no config").complete


def test_remedies_stand_with_what_is_not_active() -> None:
    told = report(found=replace(FOUND, limits=Outcome((), "no tree")))
    assert [check.remedy for check in told.checks if check.remedy] == ["do this"]
