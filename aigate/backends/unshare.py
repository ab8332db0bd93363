"""The unshare backend: a Policy becomes namespaces and mounts that aigate makes itself. Pure; `aigate.launch` acts.

It is for machines without bubblewrap and gives the same sandbox: the same mounts, namespaces and filters, one more user
and mount namespace around the command, so that the mounts are locked, and no capability.
"""

from __future__ import annotations

from aigate.backends.base import OwnLaunch, Plan
from aigate.backends.layout import INIT
from aigate.backends.seccomp import filter_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from aigate.backends.layout import Layout
    from aigate.policy.model import Policy


def plan(policy: Policy, tree: Layout, command: Sequence[str], *, machine: str) -> Plan:
    """Return how to run a command under a policy. tree: the policy's file tree. machine: as `uname -m`."""
    own = OwnLaunch(policy.uid, policy.gid, policy.cwd, policy.hosts == (), tree.processes, filter_program(machine))
    environment = (*policy.environment, ("AIGATE_SANDBOX", "unshare"))
    return Plan("unshare", "", (), (), INIT, tuple(command), environment, steps=tree.steps, own=own)
