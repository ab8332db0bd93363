"""The way into what an agent wrote: from directory to directory, never through a link, and into closed ones, too.

A layer is the caller's own, so what its maker has closed to himself gets the owner's rights back. Changes nothing else.
"""

from __future__ import annotations

import os
import stat
import sys

from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = os.O_NOFOLLOW | os.O_CLOEXEC
if sys.platform == "linux":  # elsewhere there are no layers
    PLACE |= os.O_PATH
STEP = PLACE | os.O_DIRECTORY
OWNERS = 0o700


def opened(top: str, path: str = "") -> int:
    """Return a descriptor (O_PATH) of a directory. path: below top. Raises OSError, where a link is on the way too."""
    descriptor = os.open(top, STEP)
    try:
        open_up(descriptor)
        for name in path.split("/") if path else ():
            following = os.open(name, STEP, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = following
            open_up(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def open_up(descriptor: int) -> None:
    """Give the owner of a directory every right over it. Raises OSError where that is somebody else."""
    mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
    if mode & OWNERS != OWNERS:
        os.chmod(f"/proc/self/fd/{descriptor}", mode | OWNERS)


class Tree:
    """What lies below a directory of a layer, each directory read once."""

    def __init__(self, top: str) -> None:
        self._top = top
        self._known: dict[str, dict[str, os.stat_result]] = {}

    def entries(self, path: str = "") -> dict[str, os.stat_result]:
        """Return what is in a directory, by name; nothing where it is none or cannot be read."""
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = self._read(path)
        return found

    def names(self, path: str) -> list[str]:
        """Return the names in a directory."""
        return list(self.entries(path))

    def status(self, path: str) -> os.stat_result | None:
        """Return what is at a path, itself; None for nothing."""
        above, name = os.path.split(path)
        return self.entries(above).get(name)

    def reached(self, path: str) -> str:
        """Return how far a path leads: as a whole, or up to what is no directory on the way; "" for nowhere."""
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            here = "/".join(parts[:count])
            found = self.status(here)
            if found is None:
                return ""
            if not stat.S_ISDIR(found.st_mode):
                return here
        return path

    def all(self, path: str) -> Iterator[tuple[str, os.stat_result]]:
        """Yield everything in a directory, an outer one before what is in it."""
        pending = [path]
        while pending:
            directory = pending.pop()
            for name, status in self.entries(directory).items():
                yield f"{directory}/{name}", status
                if stat.S_ISDIR(status.st_mode):
                    pending.append(f"{directory}/{name}")

    def _read(self, path: str) -> dict[str, os.stat_result]:
        found = {}
        try:
            descriptor = opened(self._top, path)
        except OSError:
            return {}
        try:
            for name in sorted(os.listdir(f"/proc/self/fd/{descriptor}")):
                with suppress(FileNotFoundError):
                    found[name] = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        except OSError:
            return {}
        finally:
            os.close(descriptor)
        return found
