"""What `run` says before the command starts: what is in force, and what is not."""

from __future__ import annotations

from aigate.backends.memory import PRIVATE_TMP, in_memory
from aigate.cli.wording import counted, plain
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
SEPARATOR = " · "
LONGEST = 100 - len("aigate: ")  # columns
WAYS = {"host": "unrestricted", "none": "none"}


def line(prepared: Prepared) -> str:
    """Return the banner: one line on what is active, and one for each thing that is not."""
    policy = prepared.policy
    notes = [f"network: through the gateway, because {prepared.network.reason}"] if prepared.network.reason else []
    notes += [f"{path}, which aigate runs from, cannot be changed by the command" for path in _own_code(policy)]
    notes += [
        f"the project {item.path} is layered: aigate layer diff shows what is changed there, and apply brings it out"
        for item in policy.view.layered
        if item.path == policy.project
    ]
    notes += [f"not active: {name}: {reason}" for name, reason in policy.inactive]
    notes += list(_tracked(policy))
    notes += [f"left out until you trust it: {plain(text)}" for text in policy.withheld]
    return "".join(f"aigate: {text}\n" for text in (_fitting(_active(prepared)), *notes))


def _active(prepared: Prepared) -> list[tuple[str, str]]:
    """Return what is active, each in a few words and in fewer."""
    policy = prepared.policy
    home = HOMES[policy.view.kind]
    return [
        (sandbox(prepared),) * 2,
        *((f"profile {name}", name) for name in prepared.profiles),
        (home, home.replace("in a layer", "layered")),
        *_uncounted(prepared),
        (f"{counted(len(policy.hidden), 'path')} hidden", f"{len(policy.hidden)} hidden"),
        (f"{len(policy.protected)} read-only",) * 2,
        (f"{counted(len(policy.denied_commands), 'command')} denied", f"{len(policy.denied_commands)} denied"),
        (f"network {network(prepared)}", _short_network(prepared)),
        *((text, "limits") for text in limits(prepared.limits)),
        _masks(prepared),
    ]


def _uncounted(prepared: Prepared) -> list[tuple[str, str]]:
    """Return how much the temporary directory holds, where no control group counts its memory."""
    if not prepared.plan.steps or any(name == "memory.max" for name, _ in prepared.limits.settings):
        return []
    size = in_memory(prepared.policy).get(PRIVATE_TMP)
    return [] if size is None else [(f"{PRIVATE_TMP} {limit_text('max_memory', size)}", "")]


def _masks(prepared: Prepared) -> tuple[str, str]:
    if not prepared.rules and not prepared.known:
        return "output not masked", "not masked"
    known = f", {counted(len(prepared.known), 'known value')}" if prepared.known else ""
    return f"{counted(len(prepared.rules), 'masking rule')}{known}", f"masked{known}"


def _fitting(parts: list[tuple[str, str]]) -> str:
    """Return the parts as one line, the last ones in fewer words, or none, as far as it would be too long otherwise."""
    words = [long for long, _ in parts]
    for number in reversed(range(len(parts))):
        if len(SEPARATOR.join(filter(None, words))) <= LONGEST:
            break
        words[number] = parts[number][1]
    return SEPARATOR.join(filter(None, words))


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
        f"network: {network(prepared)}",
        *limits(prepared.limits),
        *sizes(prepared),
        *(f"hidden: {item.path}  ({item.reason})" for item in policy.hidden),
        *(f"read-only: {item.path}{'  (may not appear)' if item.placeholder else ''}" for item in policy.protected),
        *(f"writable: {path}" for path in policy.writable),
        *(f"denied: {' '.join(words)}" for words in policy.denied_commands),
        *(f"stub: {program.path}" for program in policy.programs),
        *limits(prepared.limits),
        f"network: {network(prepared)}",
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


def sizes(prepared: Prepared) -> tuple[str, ...]:
    """Return what holds so much at most, in a few words: the places in memory, where aigate makes them."""
    if not prepared.plan.steps:
        return ()
    places = [f"{path} {limit_text('max_memory', size)}" for path, size in in_memory(prepared.policy).items()]
    return (f"in memory, at most {', '.join(places)}",) if places else ()


def network(prepared: Prepared) -> str:
    """Return how the network is restricted, in a few words."""
    plan = prepared.network
    if plan.way in WAYS:
        return WAYS[plan.way]
    return f"all hosts, learning ({plan.way})" if plan.learning else f"{counted(len(plan.rules), 'host')} ({plan.way})"


def _short_network(prepared: Prepared) -> str:
    plan = prepared.network
    if plan.way in WAYS or plan.learning:
        return "no network" if plan.way == "none" else "all hosts"
    return counted(len(plan.rules), "host")
