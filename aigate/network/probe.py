"""What of the network would be enforced here, found out by trying it, for `aigate doctor`.

Changes nothing: everything happens in namespaces of its own, which end with the probe, after milliseconds.
"""

from __future__ import annotations

import os

from aigate.errors import EnforcementError
from aigate.network.plan import TUN, Machine, NetworkPlan, plan_network
from aigate.network.trial import attempt, why_not_slirp
from aigate.policy.hosts import HostRule
from aigate.record import record, replace

SHOWN = {
    "46": "IPv4 and IPv6 filtered",
    "64": "IPv4 and IPv6 filtered",
    "4": "IPv4 filtered, IPv6 switched off",
    "": "through its proxy only: no rules can be loaded",
}


@record
class Finding:
    """What one probe found. name: what was tried. detail: how it works, or why not. remedy: what to do, or None."""

    name: str
    works: bool
    detail: str
    remedy: str | None = None


def probe(machine: Machine) -> tuple[Finding, ...]:
    """Try every way there is, and return what came of it, the one that `network: auto` takes last."""
    findings = [_tool("slirp4netns", machine.slirp), _tun(), _tool("iptables", (*machine.restore4, None)[0])]
    findings += [_try("network: slirp", "slirp", machine), _try("network: gateway", "gateway", machine)]
    findings += _kinds(machine)
    return (*findings, _in_force(machine, findings))


def _tool(name: str, path: str | None) -> Finding:
    if path is None:
        return Finding(name, works=False, detail="not installed", remedy=f"install the package {name}")
    return Finding(name, works=True, detail=path)


def _tun() -> Finding:
    """Open the tun device, as slirp4netns will."""
    try:
        os.close(os.open(TUN, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return Finding(TUN, works=False, detail=error.strerror or "cannot be opened", remedy=f"chmod 0666 {TUN}")
    return Finding(TUN, works=True, detail="can be opened")


def _try(name: str, mode: str, machine: Machine, needed: str = "") -> Finding:
    """Make a network as a run would, ask what it filters, and end it."""
    try:
        families = attempt(plan_network(_some_rule(), mode, lambda: machine))
    except EnforcementError as error:
        return Finding(name, works=False, detail=error.message, remedy=error.hint)
    if needed not in families:
        return Finding(name, works=False, detail="the kernel does not take these rules")
    return Finding(name, works=True, detail=SHOWN.get(families, SHOWN[""]))


def filtered(plan: NetworkPlan) -> str:
    """Return in a few words what a run with this plan filters and whose rules the kernel takes; "" if it would fail."""
    try:
        said = SHOWN.get(attempt(plan), SHOWN[""])
    except EnforcementError:
        return ""
    machine = plan.machine
    working = [
        finding.name.partition(" by ")[2].removesuffix("-restore") for finding in _kinds(machine) if finding.works
    ]
    kinds = [name for name in working if "-" in name]  # `iptables` itself is one of them
    names = ", ".join(kinds or working)
    return f"{said} ({names})" if names else said


def _kinds(machine: Machine) -> list[Finding]:
    """Try every program that loads rules by itself."""
    findings = []
    for program in machine.restore4:
        only = replace(machine, restore4=(program,), restore6=())
        findings.append(_try(f"rules by {os.path.basename(program)}", "gateway", only, needed="4"))
    for program in machine.restore6:
        only = replace(machine, restore4=machine.restore4, restore6=(program,))
        findings.append(_try(f"rules by {os.path.basename(program)}", "gateway", only, needed="6"))
    return findings


def _in_force(machine: Machine, findings: list[Finding]) -> Finding:
    """Tell what a run with hosts in allow_net would get."""
    try:
        way = plan_network(_some_rule(), "auto", lambda: machine, trial=why_not_slirp).way
    except EnforcementError as error:
        return Finding("allow_net", works=False, detail=error.message, remedy=error.hint)
    tried = next(finding for finding in findings if finding.name == f"network: {way}")
    if not tried.works:
        return Finding("allow_net", works=False, detail=f"{way}: {tried.detail}", remedy=tried.remedy)
    return Finding("allow_net", works=True, detail=f"{way}: {tried.detail}")


def _some_rule() -> tuple[HostRule, ...]:
    from aigate.config.model import Entry

    return (HostRule(Entry("example.com", "doctor", 1), name="example.com"),)
