"""What a file's own permissions allow to a command inside, which has no capability whoever it is. Changes nothing.

For an ordinary user access(2) says it. Root is told there what root may do outside, so the modes are read here.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.policy.model import Policy

ROOT = 0


def permits(path: str, mode: int, policy: Policy) -> bool:
    """Tell whether a command under a policy may do this with a path of the host's. mode: R_OK, W_OK or X_OK.

    To write to a directory is to make something in it.
    """
    if os.path.isdir(path) and mode == os.W_OK:
        return permits_here(path, os.W_OK, policy) and permits_here(path, os.X_OK, policy)
    return permits_here(path, mode, policy)


def permits_here(path: str, mode: int, policy: Policy) -> bool:
    """Tell it of one right."""
    if not os.access(path, mode, effective_ids=os.access in os.supports_effective_ids):
        return False
    if os.getuid() != ROOT:
        return True
    above: list[str] = []
    while path != "/":
        path = os.path.dirname(path) if above else path
        above.append(path)
    return all(_allows(place, mode if number == 0 else os.X_OK, policy) for number, place in enumerate(above))


def _allows(path: str, mode: int, policy: Policy) -> bool:
    """Tell what a mode says (path_resolution(7)) to a process without capabilities."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    ours = status.st_gid in (policy.gid, *os.getgroups())
    shift = 6 if status.st_uid == policy.uid else 3 if ours else 0
    return bool(stat.S_IMODE(status.st_mode) >> shift & mode)
