"""A process's limits (prlimit(2)), read and set. Decides nothing; what fails is told with the limit's name."""

from __future__ import annotations

import resource
import sys

from aigate.errors import EnforcementError

UNLIMITED = resource.RLIM_INFINITY
NAMES = {resource.RLIMIT_NOFILE: "open files", resource.RLIMIT_NPROC: "processes"}
PROCESSES, OPEN_FILES = resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE


def limits_of(which: int, process: int = 0) -> tuple[int, int]:
    """Return the soft and the hard limit. process: another one's id (Linux alone). Raises EnforcementError."""
    try:
        if sys.platform == "linux":
            return resource.prlimit(process, which)
        return resource.getrlimit(which)
    except (OSError, ValueError) as error:
        raise _refused("read", which, error) from None


def set_limits(which: int, values: tuple[int, int], process: int = 0) -> None:
    """Set the soft and the hard limit. Raises EnforcementError."""
    try:
        if sys.platform == "linux":
            resource.prlimit(process, which, values)
        else:
            resource.setrlimit(which, values)
    except (OSError, ValueError) as error:
        raise _refused("set", which, error) from None


def _refused(what: str, which: int, error: Exception) -> EnforcementError:
    """Return the error. Python tells some of the kernel's answers as a ValueError in words of its own."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return EnforcementError(f"the limit on {NAMES[which]} cannot be {what}: {reason}")
