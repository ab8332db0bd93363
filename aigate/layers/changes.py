"""What a layer holds: each change against what lies below it. Reads directories, and no file's content but to compare.

Directories that an agent has closed get their owner's rights back, so that nothing in them is left out.

The marks are overlayfs's own (the kernel's Documentation/filesystems/overlayfs.rst): a character device 0/0 stands for
what was removed, and a directory with the attribute `user.overlay.opaque` shows nothing of the one below.
"""

from __future__ import annotations

import os
import stat

from aigate.layers.inner import opened
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

OPAQUE = "user.overlay.opaque"
ADDED, CHANGED, REMOVED = "added", "changed", "removed"


@record
class Change:
    """One change. path: below the layered directory, relative. kind: `added`, `changed` or `removed`.

    directory: whether it is, or was, one. size: bytes of a file that is there now.
    """

    path: str
    kind: str
    directory: bool
    size: int = 0


def changes_in(upper: str, below: str) -> Iterator[Change]:
    """Yield the changes, by path, a directory before what is in it.

    upper: where they lie. below: the directory that they are changes of. A directory that is new is told with what is
    in it; one that only holds changes is not.
    """
    pending = [""]
    while pending:
        directory = pending.pop()
        found = []
        for entry in _entries(upper, directory):
            path = os.path.join(directory, entry.name)
            status = entry.stat(follow_symlinks=False)
            under = _status(os.path.join(below, path))
            change = _change(path, status, under, replaced=_is_opaque(entry.path, status))
            if change:
                yield change
            if stat.S_ISDIR(status.st_mode):
                found.append(path)
        pending += reversed(found)


def is_removal(status: os.stat_result) -> bool:
    """Tell whether something in an upper directory stands for what was removed."""
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == 0


def _change(path: str, status: os.stat_result, under: os.stat_result | None, *, replaced: bool) -> Change | None:
    if is_removal(status):
        return Change(path, REMOVED, stat.S_ISDIR(under.st_mode)) if under else None
    directory = stat.S_ISDIR(status.st_mode)
    if directory and under and stat.S_ISDIR(under.st_mode) and not replaced:
        return None
    return Change(path, CHANGED if under else ADDED, directory, 0 if directory else status.st_size)


def _is_opaque(path: str, status: os.stat_result) -> bool:
    if not stat.S_ISDIR(status.st_mode):
        return False
    try:
        return os.getxattr(path, OPAQUE, follow_symlinks=False) == b"y"
    except OSError:
        return False


def _entries(upper: str, directory: str) -> list[os.DirEntry[str]]:
    try:
        try:
            return _listed(os.path.join(upper, directory))
        except PermissionError:  # closed by the agent to itself
            os.close(opened(upper, directory))
            return _listed(os.path.join(upper, directory))
    except OSError:
        return []  # too deep for a path: told as a directory


def _listed(directory: str) -> list[os.DirEntry[str]]:
    with os.scandir(directory) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except OSError:
        return None
