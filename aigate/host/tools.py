"""Programs that aigate itself runs. Looks only where the agent cannot write; runs nothing."""

from __future__ import annotations

import os
import stat

from aigate.errors import EnforcementError

TRUSTED_DIRECTORIES = (
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/run/current-system/sw/bin",
)
OVERFLOW_UID = 65534  # /proc/sys/kernel/overflowuid; user_namespaces(7)
PACKAGES = {"bwrap": "bubblewrap", "slirp4netns": "slirp4netns", "iptables-restore": "iptables", "setfacl": "acl"}


def find_tool(name: str) -> str | None:
    """Return the path of a system tool, or None.

    An ordinary Debian user's PATH lacks the sbin directories, and a PATH may name places that the agent can write to:
    so PATH is not asked. A file that someone other than root could replace is not taken.
    """
    for directory in TRUSTED_DIRECTORIES:
        path = f"{directory}/{name}"
        if os.access(path, os.X_OK) and _only_root_writes(path):
            return path
    return None


def require_tool(name: str) -> str:
    """Return the path of a system tool. Raises EnforcementError naming the package to install."""
    path = find_tool(name)
    if path is None:
        raise EnforcementError(
            f"{name} is not installed, and without it nothing can be enforced",
            hint=f"install the package {PACKAGES.get(name, name)}; aigate doctor tells the command",
        )
    return path


def _only_root_writes(path: str) -> bool:
    """Tell whether neither the caller nor others could replace a file.

    In a user namespace that does not map root (a rootless container) root's files bear the overflow user id.
    """
    real = os.path.realpath(path)
    for place in (real, os.path.dirname(real)):
        status = os.stat(place)
        if status.st_uid not in (0, OVERFLOW_UID) or status.st_mode & stat.S_IWOTH:
            return False
    return True
