"""What was found, put together: which protection is active, which is not and how to change that. Pure."""

from __future__ import annotations

from aigate.doctor.tools import Tool
from aigate.doctor.trials import Outcome
from aigate.record import record

ACTIVE, INACTIVE = "active", "not active"
FILES = ("hidden", "read-only", "denied", "processes", "capabilities")
NETWORK = ("resolver", "addresses", "loopback")
TERMINAL = ("terminal", "typing")


@record
class Wanted:
    """What the config asks for.

    backend: the one that a run gets here, `bwrap` or `unshare`, or `none`. net: `none`, `slirp`, `gateway`, `host` or,
    where it cannot be had, `impossible`.

    slower: why the network goes through the gateway and not through slirp4netns, or "". filtered: what of it is
    filtered, and by which kinds of rules, or "".
    """

    backend: str
    net: str
    limits: bool
    mask: bool
    required: tuple[str, ...]
    slower: str = ""
    filtered: str = ""


@record
class Found:
    """The outcomes of the trials; None for what was not tried, because nobody asks for it."""

    files: Outcome
    terminal: Outcome
    masking: Outcome
    network: Outcome | None
    limits: Outcome | None
    landlock: Outcome


@record
class Check:
    """One protection. asked: the config asks for it, so that it counts. remedy: what to do when it is not active."""

    name: str
    state: str
    asked: bool
    detail: str = ""
    remedy: str = ""


@record
class Report:
    """Everything that `aigate doctor` tells. committed: what is hidden here, and can be read from git's objects."""

    mode: str
    complete: bool
    tools: tuple[Tool, ...]
    checks: tuple[Check, ...]
    committed: tuple[str, ...] = ()


def make_report(
    tools: tuple[Tool, ...],
    wanted: Wanted,
    found: Found,
    remedies: dict[str, str],
    problem: str = "",
    *,
    committed: tuple[str, ...] = (),
) -> Report:
    """Put the report together. remedies: for each check by name. problem: what is wrong with the config, or "".

    committed: see `Report`.
    """
    checks = [
        _check("filesystem", found.files, FILES, True),
        _check("seccomp", found.files, ("seccomp",), True),
        _check("terminal", found.terminal, TERMINAL, True),
        _check("mask", found.masking, ("mask",), wanted.mask or "mask" in wanted.required),
        _network(wanted, found.network),
        _check("limits", found.limits, ("limits",), wanted.limits or "limits" in wanted.required),
        _check("landlock", found.landlock, ("landlock",), "landlock" in wanted.required),
    ]
    if problem:
        checks.insert(0, Check("config", INACTIVE, True, problem))
    told = tuple(_with_remedy(check, remedies.get(check.name, "")) for check in checks)
    flawed = any(tool.problem and tool.path for tool in tools)
    complete = not flawed and all(check.state == ACTIVE for check in told if check.asked)
    return Report(_mode(told, wanted, complete=complete), complete, tools, told, committed)


def _check(name: str, outcome: Outcome | None, parts: tuple[str, ...], asked: bool) -> Check:
    if outcome is None:
        return Check(name, INACTIVE, asked, "the config does not ask for it")
    if outcome.works(parts):
        return Check(name, ACTIVE, asked)
    held = dict(outcome.held)
    broken = [part for part in parts if not held.get(part, False)]
    return Check(name, INACTIVE, asked, outcome.said or f"did not hold: {', '.join(broken)}")


def _network(wanted: Wanted, outcome: Outcome | None) -> Check:
    required = "net" in wanted.required
    if wanted.net == "host":
        return Check("net", INACTIVE, required, "allow_net is left out: every host can be reached")
    check = _check("net", outcome, NETWORK, True)
    through = "; ".join(part for part in (f"through {wanted.net}", wanted.filtered, wanted.slower) if part)
    return Check("net", ACTIVE, True, through) if check.state == ACTIVE else check


def _with_remedy(check: Check, remedy: str) -> Check:
    if check.state == ACTIVE or not remedy:
        return check
    return Check(check.name, check.state, check.asked, check.detail, remedy)


def _mode(checks: tuple[Check, ...], wanted: Wanted, *, complete: bool) -> str:
    """Return the isolation mode in one line."""
    state = {check.name: check.state == ACTIVE for check in checks}
    if not state["filesystem"]:
        return "none (nothing can be enforced)"
    carriers = {"slirp": " + slirp4netns", "gateway": " + gateway", "none": " without network"}
    mode = wanted.backend + (carriers.get(wanted.net, "") if state["net"] else "")
    if wanted.net == "host":
        return f"{mode} (network unrestricted)"
    missing = [check.name for check in checks if check.asked and check.state != ACTIVE]
    return f"{mode} (full isolation)" if complete else f"{mode} (not in force: {', '.join(missing) or 'see the tools'})"
