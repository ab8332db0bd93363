"""What belongs to a file besides its content: mode, group, times, extended attributes with access lists."""

from __future__ import annotations

import os
import stat
import sys


def keep(source: int, target: int, before: os.stat_result) -> None:
    """Give the target all that the source has. Raises OSError for what cannot be kept. before: the source's status."""
    made = os.fstat(target)
    if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
        os.fchown(target, before.st_uid, before.st_gid)
    os.fchmod(target, stat.S_IMODE(before.st_mode))
    _keep_xattrs(source, target)
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))


def _keep_xattrs(source: int, target: int) -> None:
    if sys.platform != "linux":
        return
    wanted = {name: os.getxattr(source, name) for name in os.listxattr(source)}
    for name in os.listxattr(target):  # a directory's default access list, for one
        if name not in wanted:
            os.removexattr(target, name)
    for name, value in wanted.items():
        if name not in os.listxattr(target) or os.getxattr(target, name) != value:
            os.setxattr(target, name, value)
