"""What `run` says before the command starts: what is in force, and what is not."""

from __future__ import annotations

from aigate.config.files import shown
from aigate.config.merge import limit_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.host.limits import LimitPlan
    from aigate.policy.model import Policy
    from aigate.session.request import Prepared

HOMES = {
    "layer": "home in a layer",
    "memory": "home in memory",
    "readonly": "home read-only",
    "closed": "home closed",
    "writable": "home writable",
}
NAMED = 3
WAYS = {"host": "unrestricted", "none": "none"}


def line(prepared: Prepared) -> str:
    """Return the banner: one line on what is active, and one for each thing that is not."""
    policy = prepared.policy
    active = [
        sandbox(prepared),
        *(f"profile {name}" for name in prepared.profiles),
        HOMES[policy.view.kind],
        f"{len(policy.hidden)} paths hidden",
        f"{len(policy.protected)} read-only",
        f"{len(policy.denied_commands)} commands denied",
        f"network {network(prepared)}",
        *limits(prepared.limits),
        f"{len(prepared.rules)} masking rules" if prepared.rules else "output not masked",
        *([f"{len(prepared.known)} known values masked"] if prepared.known else []),
    ]
    notes = [f"network: through the gateway, because {prepared.network.reason}"] if prepared.network.reason else []
    notes += [f"{path}, which aigate runs from, cannot be changed by the command" for path in _own_code(policy)]
    notes += [
        f"the project {item.path} is layered: aigate layer diff shows what is changed there, and apply brings it out"
        for item in policy.view.layered
        if item.path == policy.project
    ]
    notes += [f"not active: {name}: {reason}" for name, reason in policy.inactive]
    notes += list(_tracked(policy))
    notes += [f"left out until you trust it: {text}" for text in policy.withheld]
    return "".join(f"aigate: {text}\n" for text in (" · ".join(active), *notes))


def _own_code(policy: Policy) -> list[str]:
    """Return what of aigate's own code lies in the project, where the command would expect to write."""
    project = f"{policy.project}/"
    if not any(item.path.startswith(project) for item in policy.protected):
        return []
    from aigate.policy.own import own_code

    own = {path for path in own_code() if path.startswith(project)}
    return [item.path for item in policy.protected if item.path in own]


def _tracked(policy: Policy) -> tuple[str, ...]:
    """Return what it means that git tracks hidden files, in a line, if it does."""
    paths = [f"{index.top}/{name}" for index in policy.indexes for name in index.hidden]
    if not paths:
        return ()
    named = ", ".join(shown(path.removeprefix(f"{policy.project}/")) for path in paths[:NAMED])
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    seen = "the commits can be read from .git, and until the run ends git outside leaves your changes of them alone"
    return (f"git tracks what is hidden ({named}{more}): {seen}",)


def sandbox(prepared: Prepared) -> str:
    """Return what makes the sandbox, and for whom."""
    kind = prepared.plan.backend
    return f"{kind} as {prepared.agent}" if prepared.agent else kind


def details(prepared: Prepared) -> str:
    """Return everything that is enforced, a line each."""
    policy = prepared.policy
    lines = [
        f"project: {policy.project}",
        *(f"hidden: {item.path}  ({item.reason})" for item in policy.hidden),
        *(f"read-only: {item.path}{'  (may not appear)' if item.placeholder else ''}" for item in policy.protected),
        *(f"writable: {path}" for path in policy.writable),
        *(f"denied: {' '.join(words)}" for words in policy.denied_commands),
        *(f"stub: {program.path}" for program in policy.programs),
        *(f"variable left out: {name}" for name in policy.removed),
        *(f"masked: {rule.name}" for rule in prepared.rules),
        *(f"masked: the value of {name}" for name in prepared.known),
    ]
    return line(prepared) + "".join(f"{shown(text)}\n" for text in lines)


def limits(plan: LimitPlan) -> tuple[str, ...]:
    """Return the limits that are enforced, in a few words, if any."""
    files = {name for name, _ in plan.settings}
    asked = plan.limits
    parts = []
    if "memory.max" in files:
        parts.append(f"memory {limit_text('max_memory', asked.max_memory or 0)}")
    if "cpu.max" in files:
        parts.append(f"cpu {limit_text('max_cpu_percent', asked.max_cpu_percent or 0)} %")
    if "pids.max" in files or plan.processes is not None:
        parts.append(f"{asked.max_pids} processes")
    return (f"limits {', '.join(parts)}",) if parts else ()


def network(prepared: Prepared) -> str:
    """Return how the network is restricted, in a few words."""
    plan = prepared.network
    if plan.way in WAYS:
        return WAYS[plan.way]
    return f"all hosts, learning ({plan.way})" if plan.learning else f"{len(plan.rules)} hosts ({plan.way})"
