"""What belongs to a file besides its content: mode, group, times, extended attributes with access lists, flags."""

from __future__ import annotations

import fcntl
import os
import stat
import struct
import sys

# ioctl_iflags(2). Not immutable and append-only: who has these is not replaced at all.
GET_FLAGS, SET_FLAGS = 0x80086601, 0x40086602
FLAGS = 0x1 | 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x4000 | 0x800000  # the letters s u c S d A j C of chattr(1)
NUMBER = struct.Struct("@l")


def begin(source: int, target: int) -> None:
    """Give an empty file the flags of another one, some of which it takes only as long as it is empty."""
    if sys.platform != "linux":
        return
    wanted, has = _flags(source), _flags(target)
    if wanted is None or has is None or (wanted ^ has) & FLAGS == 0:
        return
    fcntl.ioctl(target, SET_FLAGS, NUMBER.pack((has & ~FLAGS) | (wanted & FLAGS)))


def _flags(descriptor: int) -> int | None:
    """Return a file's flags, None where its file system has none."""
    try:
        return int(NUMBER.unpack(fcntl.ioctl(descriptor, GET_FLAGS, NUMBER.pack(0)))[0])
    except OSError:
        return None


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
