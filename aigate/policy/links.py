"""Which symbolic links lie in the directories of programs, and which files they lead to.

Looking at every link of /usr/bin takes milliseconds of every start, so what was found is kept beside the checked config
files until one of the directories changes. Where a link leads through a place elsewhere that was changed since
(/etc/alternatives), the answer can be old: what covers a denied program refuses names that it does not know.
"""

from __future__ import annotations

import os

from aigate.config import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

Inode = tuple[int, int]
KIND = "links 1"  # change the number whenever something else is kept


def links_to(inode: Inode, directories: Sequence[str], state: str | None) -> set[str]:
    """Return the names of symbolic links, in these directories, that lead to a file.

    state: the folder that holds the cache, None for no cache.
    """
    key = cache.key_of(repr([_version(directory) for directory in directories]).encode(), KIND)
    found = cache.get(state, key)
    if found is None:
        found = tuple(link for directory in directories for link in _links(directory))
        cache.put(state, key, found)
    return {name for name, *identity in found if (*identity,) == inode}


def _version(directory: str) -> tuple[str, int, int, int]:
    """Return what is different when names in a directory are."""
    try:
        status = os.stat(directory)
    except OSError:
        return directory, 0, 0, 0
    return directory, status.st_dev, status.st_ino, status.st_mtime_ns


def _links(directory: str) -> list[tuple[str, int, int]]:
    """Return the links in a directory that lead somewhere: name, device and inode number."""
    found = []
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                try:
                    status = entry.stat() if entry.is_symlink() else None
                except OSError:
                    continue
                if status is not None:
                    found.append((entry.name, status.st_dev, status.st_ino))
    except OSError:
        pass
    return found
