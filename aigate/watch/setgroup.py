"""Programs that would run with the caller's group: what a run has given that bit (S_ISGID, inode(7)) loses it again.

Directories need the bit, and a filter of calls cannot tell what a mode is for. So files are looked for when a run that
has set any such bit has ended. Decides nothing else.
"""

from __future__ import annotations

import os
import stat

from aigate.suppress import suppress
from aigate.watch.quarantine import OWNERS, open_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EXECUTABLE = 0o111


def clear(places: Iterable[str], since: float) -> Iterator[str]:
    """Clear the bit of the programs below directories that have changed since a time, and yield their paths.

    Directories that are closed to the caller are opened for that moment: others may get there.
    """
    pending = list(places)
    while pending:
        directory = pending.pop()
        closed: dict[int, int] = {}
        try:
            opened = open_directory(directory, closed)
        except OSError:
            _close_again(closed)
            continue
        try:
            _open_up(opened, closed)
            for name, status in _entries(opened):
                if stat.S_ISDIR(status.st_mode):
                    pending.append(f"{directory}/{name}")
                elif _is_meant(status) and status.st_ctime >= since and _clear(opened, name):
                    yield f"{directory}/{name}"
        finally:
            _close_again(closed)
            os.close(opened)


def _open_up(directory: int, closed: dict[int, int]) -> None:
    """Give the owner of a directory every right over it; what it had is added. Not where that is somebody else."""
    mode = stat.S_IMODE(os.fstat(directory).st_mode)
    if mode & OWNERS != OWNERS:
        with suppress(OSError):
            os.chmod(f"/proc/self/fd/{directory}", mode | OWNERS)
            closed[os.dup(directory)] = mode


def _close_again(closed: dict[int, int]) -> None:
    for descriptor, mode in closed.items():
        os.chmod(f"/proc/self/fd/{descriptor}", mode)
        os.close(descriptor)


def _entries(directory: int) -> Iterator[tuple[str, os.stat_result]]:
    try:
        with os.scandir(f"/proc/self/fd/{directory}") as entries:
            for entry in entries:
                yield entry.name, entry.stat(follow_symlinks=False)
    except OSError:
        return


def _is_meant(status: os.stat_result) -> bool:
    mode = status.st_mode
    return stat.S_ISREG(mode) and bool(mode & stat.S_ISGID) and bool(mode & EXECUTABLE)


def _clear(directory: int, name: str) -> bool:
    """Clear one file's bit; tell whether it was still there to be cleared."""
    try:
        opened = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    except OSError:
        return False
    try:
        status = os.fstat(opened)
        if not _is_meant(status):
            return False
        os.chmod(f"/proc/self/fd/{opened}", stat.S_IMODE(status.st_mode) & ~stat.S_ISGID)
    except OSError:
        return False
    finally:
        os.close(opened)
    return True
