"""Other ways to the same files: a directory that is mounted in two places shows its files in both. Reads mountinfo."""

from __future__ import annotations

import os
import sys

from aigate.reading import read_from
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

MOUNTINFO = "/proc/self/mountinfo"
KERNEL_KINDS = frozenset((
    "proc", "sysfs", "cgroup", "cgroup2", "debugfs", "tracefs", "securityfs", "configfs", "efivarfs", "bpf", "pstore",
    "binfmt_misc", "fusectl", "selinuxfs", "nfsd", "resctrl", "devpts", "devtmpfs",
))  # fmt: skip


@record
class Mount:
    """One line of mountinfo (proc_pid_mountinfo(5)): which directory of which file system is seen where.

    kind: the file system's type.
    """

    device: str
    root: str
    point: str
    kind: str = ""


def parse_mounts(text: str) -> tuple[Mount, ...]:
    """Parse mountinfo; blanks in paths stand there as octal escapes.

    Whose root is no mount's, but a directory below one, is shown no line at all.
    """
    mounts = []
    for line in filter(None, text.split("\n")):
        fields = line.split(" ")
        kind = fields[fields.index("-") + 1]
        mounts.append(Mount(fields[2], _unescape(fields[3]), _unescape(fields[4]), kind))
    return tuple(mounts)


def kernel_mounts(mounts: Iterable[Mount]) -> tuple[str, ...]:
    """Return where the kernel's own file systems are seen, whose files are switches: a chroot may hold some."""
    return tuple(mount.point for mount in mounts if mount.kind in KERNEL_KINDS and os.path.lexists(mount.point))


def read_mounts() -> tuple[Mount, ...]:
    """Return this process's mounts, in the order in which later ones cover earlier ones; none where no list is kept."""
    if sys.platform != "linux":
        return ()
    with open(MOUNTINFO, "rb") as file:
        return parse_mounts(os.fsdecode(read_from(file)))


def other_paths(path: str, mounts: Iterable[Mount]) -> list[str]:
    """Return the other existing paths that lead to the same file, or into the same directory, through another mount."""
    mounts = tuple(reversed(tuple(mounts)))  # of two at one point, the later one is seen
    holder = max((mount for mount in mounts if _covers(mount.point, path)), key=lambda m: len(m.point), default=None)
    if holder is None:
        return []
    inside = _join(holder.root, path[len(holder.point.rstrip("/")) :])
    found = []
    for mount in mounts:
        if mount.device == holder.device and mount.point != holder.point and _covers(mount.root, inside):
            other = _join(mount.point, inside[len(mount.root.rstrip("/")) :])
            if other != path and _same_file(path, other):
                found.append(other)
        elif mount.device == holder.device and _covers(inside, mount.root) and not _covers(path, mount.point):
            found.append(mount.point)
    return found


def _covers(directory: str, path: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def _join(directory: str, rest: str) -> str:
    return directory.rstrip("/") + rest or "/"


def _same_file(one: str, other: str) -> bool:
    try:
        return os.path.samestat(os.lstat(one), os.lstat(other))
    except OSError:
        return False


def _unescape(text: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text
