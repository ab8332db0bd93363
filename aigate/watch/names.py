"""Other names of what is covered that appear while a run lasts: a hard link, or the hidden thing itself, renamed.

Somebody outside gives it another name, or a run beside this one that may. What is covered is watched itself: it
is told of both (inotify(7): IN_ATTRIB when a link is made, IN_MOVE_SELF). Which name it is, is found among those that
came just before or come right after. Covers nothing itself.
"""

from __future__ import annotations

import os
import stat
from _collections import deque  # type: ignore[import-not-found]  # not what `collections` costs a start

from aigate import _events, _linux
from aigate.suppress import suppress
from aigate.watch.directories import IN_ATTRIB, IN_EXCL_UNLINK, IN_MASK_ADD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from aigate.watch.places import Places

LINKED, TWIN = "linked", "twin"  # names of what is hidden, and of what is read-only
IN_MOVE_SELF = 0x800
MORE = IN_ATTRIB | IN_EXCL_UNLINK | IN_MASK_ADD  # a directory may be watched for what is in it as well
RENAMED = {LINKED: MORE | IN_MOVE_SELF, TWIN: MORE}
ITSELF = os.O_PATH | os.O_NOFOLLOW
NOBODY = ((0, 0), "")
BEFORE, AFTER = 256, 64  # names that are looked at
MOST_WITHIN = 512  # files and directories in those that are covered, which are watched themselves
STATE = "/.aigate"  # aigate's own, to which nobody gives another name


class OtherNames:
    """The other names of what one run has covered. descriptor: of the directories' watches, for the order of events."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._watched: dict[int, tuple[tuple[int, int], str]] = {}  # a watch's number to a file's identity and kind
        self._inodes: set[int] = set()  # of those that are watched, or were
        self._sought: dict[tuple[int, int], str] = {}
        self._came: deque[str] = deque(maxlen=BEFORE)
        self._left = 0

    def begin(self, places: Places, since: float) -> bool:
        """Watch what is hidden, and what is read-only where the sandbox could write.

        All that has come by now may be a name of that. Tells whether one may have been given before directories were
        watched: of a file with several names that has changed since a time.
        """
        recent = [self.add(path, LINKED, new=True) >= since for path in places.hidden]
        guarded = sorted(filter(places.writable, places.protected))
        recent += [self.add(path, TWIN, new=True) >= since for path in guarded]
        closed = [path for path in sorted(places.closed) if not path.endswith(STATE)]
        nearest = sorted(((path, LINKED) for path in closed), key=lambda each: not places.in_project(each[0]))
        recent += self._add_within([*nearest, *((path, TWIN) for path in guarded)], since)
        return any(recent)

    def add(self, path: str, kind: str, *, new: bool = False) -> float:
        """Watch what is at a path, from this process's working directory on, the host's root.

        kind: `LINKED`, or `TWIN` for a plain file whose new names matter, not where it is moved. new: it has just come
        there, or may have got another name before it was watched. Returns when a file that has several names was
        changed last (st_ctime), else 0.
        """
        with suppress(OSError):  # it is gone, or no watch is left: the directories say so
            opened = _linux.open_in(-100, os.fsencode(path).strip(b"/"), ITSELF)
            try:
                status = os.fstat(opened)
                is_file = stat.S_ISREG(status.st_mode)
                if kind == TWIN and not is_file:
                    return 0
                watch = _events.inotify_watch(self._descriptor, b"proc/self/fd/%d" % opened, RENAMED[kind])
            finally:
                os.close(opened)
            self._watched[watch] = ((status.st_dev, status.st_ino), kind)
            self._inodes.add(status.st_ino)
            if new:
                self.noticed(watch)
            return status.st_ctime if is_file and status.st_nlink > 1 else 0
        return 0

    def _add_within(self, directories: list[tuple[str, str]], since: float) -> list[bool]:
        """Watch what is in covered directories, those that come first and what lies near before the rest.

        Returns for each whether it has several names and has changed since a time.
        """
        recent: list[bool] = []
        for directory, kind in directories:  # which grows
            with suppress(OSError), os.scandir(directory.lstrip("/")) as entries:
                for entry in entries:
                    if len(recent) == MOST_WITHIN:
                        return recent
                    path = f"{directory}/{entry.name}"
                    recent.append(self.add(path, kind, new=True) >= since)
                    if entry.is_dir(follow_symlinks=False):
                        directories.append((path, kind))
        return recent

    def met(self, path: str, inode: int) -> None:
        """Take note of a name that was there when its directory was read, if it may lead to what is covered."""
        if inode not in self._inodes:
            return
        self._came.append(path)
        self._sought.update(each for each in self._watched.values() if each[0][1] == inode)
        self._left = max(self._left, 1)

    def came(self, path: str) -> None:
        """Take note of a name that has appeared."""
        self._came.append(path)

    def noticed(self, watch: int) -> None:
        """Take note that something has happened to what a watch is on."""
        found = self._watched.get(watch)
        if found is not None:
            self._sought[found[0]] = found[1]
            self._left = AFTER

    def forget(self, watch: int) -> None:
        """Forget a watch that the kernel has ended: the file is gone, and the next one may get its number."""
        self._sought.pop(self._watched.pop(watch, NOBODY)[0], None)

    def found(self) -> Iterator[tuple[str, str]]:
        """Yield the names that lead to what is covered, each once with its kind."""
        if not self._sought:
            return
        while self._came:
            path = self._came.popleft()
            self._left -= 1
            with suppress(OSError):
                status = os.lstat(path.lstrip("/"))  # below the working directory
                kind = self._sought.get((status.st_dev, status.st_ino))
                if kind:
                    yield path, kind
        if self._left <= 0:
            self._sought.clear()
