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
DEEPEST, LONGEST = 64, 2000  # directories, bytes of a path
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
    in it; one that only holds changes is not. One that stands in the place of another is told with what that one holds
    besides: it is removed by it. What lies too deep is told as a directory.
    """
    pending = [("", False)]
    while pending:
        directory, instead = pending.pop()
        found = []
        entries = _entries(upper, directory)
        for entry in entries:
            path = os.path.join(directory, entry.name)
            status = entry.stat(follow_symlinks=False)
            under = _status(os.path.join(below, path))
            replaced = _is_opaque(entry.path, status)
            deep = stat.S_ISDIR(status.st_mode) and is_too_deep(path)
            change = _change(path, status, under, replaced=replaced or deep)
            if change:
                yield change
            if change and change.kind == CHANGED and not change.directory and under and stat.S_ISDIR(under.st_mode):
                yield from _removed(os.path.join(below, path), path, set())
            if stat.S_ISDIR(status.st_mode) and not deep:
                found.append((path, instead or replaced))
        if instead:
            yield from _removed(os.path.join(below, directory), directory, {entry.name for entry in entries})
        pending += reversed(found)


def is_too_deep(path: str) -> bool:
    """Tell whether what lies in a directory is not looked at one by one: no path leads there, or nobody reads it."""
    return path.count("/") >= DEEPEST or len(os.fsencode(path)) > LONGEST


def _removed(below: str, directory: str, names: set[str]) -> Iterator[Change]:
    """Yield what a directory holds that is not in the one that stands in its place."""
    try:
        found = _listed(below)
    except OSError:
        return
    for entry in found:
        if entry.name not in names:
            yield Change(os.path.join(directory, entry.name), REMOVED, entry.is_dir(follow_symlinks=False))


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
        return []


def _listed(directory: str) -> list[os.DirEntry[str]]:
    with os.scandir(directory) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except OSError:
        return None
