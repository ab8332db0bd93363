"""What this machine offers to a run on Linux: backends, limits, ways of the network. Looks, and changes nothing."""

from __future__ import annotations

import os

from aigate.backends import select
from aigate.backends.layout import below
from aigate.errors import EnforcementError
from aigate.host import cgroup
from aigate.host.limits import Place, plan_limits
from aigate.host.namespaces import is_set_id, obstacle
from aigate.host.tools import find_tool
from aigate.network.hostfiles import PROXY_VARIABLES
from aigate.network.plan import look_at_machine, plan_network
from aigate.record import replace

FILTERING = (("dns", "dnspython"), ("h11", "h11"), ("hpack", "hpack"))  # module, and the package that it is in
GROUPS = "/sys/fs/cgroup"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.config.model import ResourceLimits
    from aigate.host.limits import LimitPlan
    from aigate.network.chain import Chain
    from aigate.network.plan import Machine, NetworkPlan
    from aigate.policy.model import Policy


def look_at_backends(uid: int) -> select.Machine:
    """Return what this machine offers to make a sandbox with, for a user."""
    bwrap = find_tool("bwrap")
    return select.Machine(os.uname().machine, bwrap, obstacle(uid, bwrap), is_set_id(bwrap))


def look_at_limits(limits: ResourceLimits, uid: int) -> LimitPlan:
    """Return how limits are enforced here for the processes of a user, looking only if there are any."""
    wanted = any(value is not None for value in (limits.max_memory, limits.max_cpu_percent, limits.max_pids))
    place = cgroup.look(find_tool, uid=os.getuid()) if wanted else Place("none")
    foreign = uid != os.getuid() and not cgroup.may_limit_others()
    return plan_limits(limits, place, replace(cgroup.machine(), uid=uid, foreign=foreign))


def divides_groups(policy: Policy, limits: LimitPlan) -> bool:
    """Tell whether sandboxes inside may have cgroup namespaces: nothing can be written there that was not before.

    Root writes to any group. Anybody else has one below the limits', which holds none, or is in groups of others.
    """
    if policy.uid == 0 or any(below(item.path, GROUPS) or item.path == GROUPS for item in policy.hidden):
        return False
    return bool(limits.settings) or (policy.uid == os.getuid() and cgroup.are_others())


def look_at_network(
    policy: Policy, chain: Chain | None, *, learning: bool, state: str, asking: bool = False
) -> NetworkPlan:
    """Return which way the network goes here. chain: the host's proxy, or None. state: where trials are remembered.

    asking: the user is asked about hosts that no rule names.
    """

    def trial(machine: Machine) -> str:
        from aigate.network.trial import remembering

        return remembering(state)(machine)

    if policy.hosts or learning or asking:
        _check_packages()
    look = lambda: look_at_machine(find_tool)  # noqa: E731
    return plan_network(
        policy.hosts,
        policy.network,
        look,
        learning=learning,
        trial=trial,
        chain=chain,
        ports=policy.ports,
        asking=asking,
    )


def _check_packages() -> None:
    """Raise EnforcementError where a package is missing that filters the network: in mid-run nobody could be told."""
    from _frozen_importlib_external import PathFinder  # without the package importlib, which takes half a millisecond

    for module, package in FILTERING:
        if PathFinder.find_spec(module) is None:
            raise EnforcementError(
                f"the network cannot be filtered: the Python package {package} is missing",
                hint="install aigate again, with what it depends on: pipx reinstall aigate",
            )


def chain_of(policy: Policy) -> tuple[Chain | None, str]:
    """Return the proxy that the host is behind, by the user's environment, and why it is not used, or ""."""
    variables = dict(policy.environment)
    if not any(name.upper() in PROXY_VARIABLES for name in variables):
        return None, ""
    from aigate.network.chain import chain_from

    return chain_from(variables)
