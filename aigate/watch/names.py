"""Other names of what is hidden that appear while a run lasts: a hard link, or the thing itself, renamed.

Somebody outside gives it another name, or a run beside this one that may see it. What is hidden is watched itself: it
is told of both (inotify(7): IN_ATTRIB when a link is made, IN_MOVE_SELF). Which name it is, is found among those that
came just before or come right after. Covers nothing itself.
"""

from __future__ import annotations

import os
from _collections import deque  # type: ignore[import-not-found]  # not what `collections` costs a start

from aigate import _events, _linux
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

IN_ATTRIB, IN_MOVE_SELF, IN_EXCL_UNLINK = 0x4, 0x800, 0x4000000
RENAMED = IN_ATTRIB | IN_MOVE_SELF | IN_EXCL_UNLINK
ITSELF = os.O_PATH | os.O_NOFOLLOW
NOBODY = (0, 0)
BEFORE, AFTER = 256, 64  # names that are looked at


class OtherNames:
    """The other names of one run's hidden files. descriptor: of the directories' watches, for the order of events."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._watched: dict[int, tuple[int, int]] = {}  # a watch's number to the file's identity
        self._sought: set[tuple[int, int]] = set()
        self._came: deque[str] = deque(maxlen=BEFORE)
        self._left = 0

    def add(self, path: str, *, new: bool = False) -> None:
        """Watch what is at a path, from this process's working directory on, the host's root.

        new: it has just come there, and may have got another name before it was watched.
        """
        with suppress(OSError):  # it is gone, or no watch is left: the directories say so
            opened = _linux.open_in(-100, os.fsencode(path).strip(b"/"), ITSELF)
            try:
                status = os.fstat(opened)
                watch = _events.inotify_watch(self._descriptor, b"proc/self/fd/%d" % opened, RENAMED)
            finally:
                os.close(opened)
            self._watched[watch] = (status.st_dev, status.st_ino)
            if new:
                self.noticed(watch)

    def came(self, path: str) -> None:
        """Take note of a name that has appeared."""
        self._came.append(path)

    def noticed(self, watch: int) -> None:
        """Take note that something has happened to what a watch is on."""
        identity = self._watched.get(watch)
        if identity is not None:
            self._sought.add(identity)
            self._left = AFTER

    def forget(self, watch: int) -> None:
        """Forget a watch that the kernel has ended: the file is gone, and the next one may get its number."""
        self._sought.discard(self._watched.pop(watch, NOBODY))

    def found(self) -> Iterator[str]:
        """Yield the names that lead to what is hidden, each once."""
        if not self._sought:
            return
        while self._came:
            path = self._came.popleft()
            self._left -= 1
            with suppress(OSError):
                status = os.lstat(path.lstrip("/"))  # below the working directory
                if (status.st_dev, status.st_ino) in self._sought:
                    yield path
        if self._left <= 0:
            self._sought.clear()
