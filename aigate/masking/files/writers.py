"""Whether somebody has a file open for writing. Owns the lease that tells (fcntl(2)), and what stands in for it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os

from aigate.reading import read_from

WRITES = os.O_WRONLY | os.O_RDWR


def has_writers(descriptor: int) -> bool:
    """Tell whether a file that is open for reading here is open for writing anywhere, as far as that can be known.

    From then on the kernel lets whoever wants to write wait, until `let_in`; `asked_for` tells whether somebody does.
    Where there are no leases, this user's processes are looked at once. The caller ignores SIGIO.
    """
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except AttributeError:
        return False  # macOS has nothing that would tell
    except OSError as error:
        return error.errno in (errno.EAGAIN, errno.EWOULDBLOCK) or _seen_in_proc(os.fstat(descriptor))
    return False


def asked_for(descriptor: int) -> bool:
    """Tell whether somebody waits to write."""
    try:
        return fcntl.fcntl(descriptor, fcntl.F_GETLEASE) == fcntl.F_UNLCK and _has_lease(descriptor)
    except (AttributeError, OSError):
        return False


def let_in(descriptor: int) -> None:
    """Let whoever waits go on."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except (AttributeError, OSError):
        return


def begin_to_disk(descriptor: int) -> None:
    """Let the disk begin with what was written, so that a later fsync(2) waits less (sync_file_range(2))."""
    try:
        from aigate._linux import start_writing
    except ImportError:
        return  # another system
    with contextlib.suppress(OSError):  # an error that matters meets fsync
        start_writing(descriptor)


def _has_lease(descriptor: int) -> bool:
    with open(f"/proc/self/fdinfo/{descriptor}", "rb") as file:
        return b"LEASE" in read_from(file)


def _seen_in_proc(wanted: os.stat_result) -> bool:
    for process in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        try:
            numbers = os.listdir(f"/proc/{process}/fd")
        except OSError:
            continue  # gone, or somebody else's
        if any(_writes(process, number, wanted) for number in numbers):
            return True
    return False


def _writes(process: str, number: str, wanted: os.stat_result) -> bool:
    try:
        found = os.stat(f"/proc/{process}/fd/{number}")
        if (found.st_dev, found.st_ino) != (wanted.st_dev, wanted.st_ino):
            return False
        with open(f"/proc/{process}/fdinfo/{number}") as file:
            flags = next(line for line in file if line.startswith("flags:"))
    except (OSError, StopIteration):
        return False
    return bool(int(flags.split()[1], 8) & WRITES)
