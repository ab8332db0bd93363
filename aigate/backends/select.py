"""Which backend a run uses. Pure: what this machine has comes in as data, so that every case can be tested."""

from __future__ import annotations

from aigate.backends.layout import layout
from aigate.errors import EnforcementError
from aigate.record import record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from aigate.backends.base import Plan
    from aigate.policy.model import Policy

AUTO, BWRAP, UNSHARE = "auto", "bwrap", "unshare"


@record
class Machine:
    """What this machine offers. name: as `uname -m`. bwrap: the tool's path, or None.

    obstacle: why aigate cannot make a user namespace and its mounts itself here, though bwrap may be able to; or "".
    setuid: it may since it is set-id.
    """

    name: str
    bwrap: str | None
    obstacle: str
    setuid: bool = False


@record
class Choice:
    """The backend of a run. prepared: aigate makes the mounts itself, before the launcher starts.

    privileged: the launcher is set-id and needs to be.
    """

    backend: str
    tool: str
    prepared: bool
    machine: str
    privileged: bool = False


def choose(wanted: str, machine: Machine) -> Choice:
    """Return the backend for a run. wanted: the config's `backend`.

    Raises EnforcementError when what is wanted is not to be had.
    """
    if machine.bwrap is not None and wanted != UNSHARE:
        privileged = bool(machine.obstacle) and machine.setuid
        return Choice(BWRAP, machine.bwrap, not machine.obstacle, machine.name, privileged)
    if wanted == BWRAP:
        raise EnforcementError(
            "backend: bwrap needs bwrap, which is not installed",
            hint="install the package bubblewrap; aigate doctor tells the command",
        )
    if machine.obstacle:
        why = "backend: unshare cannot be had" if wanted == UNSHARE else "bwrap is not installed, and without it"
        raise EnforcementError(
            f"{why}{':' if wanted == UNSHARE else ' nothing can be enforced:'} {machine.obstacle}",
            hint="install the package bubblewrap; aigate doctor tells the command",
        )
    return Choice(UNSHARE, "", prepared=True, machine=machine.name)


def make_plan(
    choice: Choice,
    policy: Policy,
    command: Sequence[str],
    *,
    init: bytes,
    masked: tuple[str, ...],
    guard: bytes = b"",
    nests: bool = False,
) -> Plan:
    """Return how to run a command under a policy with the chosen backend.

    init: the program that is process 1 inside. masked: names of the masking rules, for the summary inside. guard: the
    script that stands in front of git. nests: see `layout`.
    """
    tree = layout(policy, init=init, masked=masked, guard=guard, nests=nests)
    if choice.backend == UNSHARE:
        from aigate.backends import unshare

        return replace(unshare.plan(policy, tree, command, machine=choice.machine), tree=tree)
    from aigate.backends import bwrap

    plan = bwrap.plan(
        policy,
        tree,
        command,
        bwrap=choice.tool,
        machine=choice.machine,
        prepared=choice.prepared,
        privileged=choice.privileged,
    )
    return replace(plan, tree=tree)
