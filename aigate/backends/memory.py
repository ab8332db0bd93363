"""How much the file systems hold that a sandbox has in memory: parts of what its limit allows. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.policy.model import Policy

PRIVATE_TMP, PRIVATE_VAR_TMP = "/tmp", "/var/tmp"  # noqa: S108 -- file systems of the sandbox's own
PRIVATE_DEV = "/dev"
MEGABYTE = 1 << 20


def in_memory(policy: Policy) -> dict[str, int]:
    """Return what can be written to in memory, with the bytes that each place holds: parts of max_memory, if any."""
    whole = policy.limits.max_memory
    if whole is None:
        return {}
    places = {PRIVATE_TMP: 2, PRIVATE_VAR_TMP: 8, PRIVATE_DEV: 8}
    places |= {policy.home: 4} if policy.view.kind == "closed" else {}
    return {path: max(whole // part // MEGABYTE, 1) * MEGABYTE for path, part in places.items()}
