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
DONE = (0, 0)
NOBODY = (DONE, "")
BEFORE, AFTER = 512, 64  # names that are looked at: what came before something happened to a file, and after it
MOST_WITHIN = 512  # files and directories in those that are covered, which are watched themselves
STATE = "/.aigate"  # aigate's own, to which nobody gives another name


class Name:
    """A name that has come, and what it led to when it was looked at: None before, `DONE` when that was told."""

    __slots__ = ("found", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.found: tuple[int, int] | None = None


class OtherNames:
    """The other names of what one run has covered. descriptor: of the directories' watches, for the order of events."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._watched: dict[int, tuple[tuple[int, int], str]] = {}  # a watch's number to a file's identity and kind
        self._inodes: set[int] = set()  # of those that are watched, or were
        self._sought: dict[tuple[int, int], tuple[str, int]] = {}  # to the kind, and among how many names it is sought
        self._came: deque[Name] = deque(maxlen=BEFORE)
        self._fresh: deque[Name] = deque(maxlen=BEFORE)  # those of them that nobody has looked at since
        self._count, self._all = 0, False  # how many have come, and whether older ones are to be looked at again

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
        self.came(path)
        for identity, kind in self._watched.values():
            if identity[1] == inode:
                self._sought.setdefault(identity, (kind, self._count))

    def came(self, path: str) -> None:
        """Take note of a name that has appeared."""
        name = Name(path)
        self._count += 1
        self._came.append(name)
        self._fresh.append(name)

    def noticed(self, watch: int) -> None:
        """Take note that something has happened to what a watch is on."""
        found = self._watched.get(watch)
        if found is not None:
            self._sought[found[0]] = (found[1], self._count + AFTER)
            self._all = True

    def forget(self, watch: int) -> None:
        """Forget a watch that the kernel has ended: the file is gone, and the next one may get its number."""
        self._sought.pop(self._watched.pop(watch, NOBODY)[0], None)

    def found(self) -> Iterator[tuple[str, str]]:
        """Yield the names that lead to what is covered, each once with its kind."""
        names = list(self._came if self._all else self._fresh)
        self._fresh.clear()
        if not self._sought:
            return
        self._all = False
        for name in names:
            if name.found is None:
                name.found = _led_to(name.path)
            sought = self._sought.get(name.found)
            if sought and _led_to(name.path) == name.found:  # still, if it was looked at before
                name.found = DONE
                yield name.path, sought[0]
        for identity in [each for each, (_, until) in self._sought.items() if until <= self._count]:
            del self._sought[identity]


def _led_to(path: str) -> tuple[int, int]:
    """Return what a path leads to, from the working directory on, by device and number; `DONE` for nothing."""
    with suppress(OSError):
        status = os.lstat(path.lstrip("/"))
        return status.st_dev, status.st_ino
    return DONE
