"""The directories that are watched, as a tree in which each knows its name: renamed ones are followed.

Owns the watches (inotify(7)) and where they are; what an event means is decided elsewhere. Paths are taken from the
process's working directory, which is the host's root, component by component and without following any link.
"""

from __future__ import annotations

import errno
import os

from aigate import _events, _linux
from aigate.reading import read_from
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# linux/inotify.h
IN_ATTRIB, IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE = 0x4, 0x40, 0x80, 0x100, 0x200
IN_Q_OVERFLOW, IN_IGNORED, IN_ISDIR = 0x4000, 0x8000, 0x40000000
CAME = IN_CREATE | IN_MOVED_TO
IN_ONLYDIR, IN_EXCL_UNLINK, IN_DONT_FOLLOW, IN_MASK_ADD = 0x1000000, 0x4000000, 0x2000000, 0x20000000
WATCHED = IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_ONLYDIR | IN_EXCL_UNLINK | IN_MASK_ADD
NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES)  # of a closed one: nobody sees into it
OPENED = os.O_RDONLY | os.O_DIRECTORY
SPARE = 2  # one part of so many is the user's own editor's


class Node:
    """One directory on the way to, or itself, one that is watched.

    watch: its number, or 0. is_read: whether all that was in it when it was watched has been taken for new.
    """

    __slots__ = ("above", "below", "is_read", "name", "path", "watch")

    def __init__(self, above: Node | None, name: str, path: str) -> None:
        self.above, self.name, self.path = above, name, path
        self.below: dict[str, Node] = {}
        self.watch, self.is_read = 0, False

    def has_read_new(self, name: str, mask: int) -> bool:
        """Tell whether an event is that of a directory in this one which has been read since, with all that was in it.

        Had another one been there before, its end would have been told first; only a renamed one may replace one.
        """
        found = self.below.get(name) if mask & IN_CREATE else None
        return bool(found and found.watch and found.is_read)


class Directories:
    """All watches of one run. unwatched: how many directories could not be watched, for want of watches or of memory.

    missed: the first of them, or "".
    """

    def __init__(self) -> None:
        self.descriptor = _events.inotify_open()
        self.unwatched, self.missed = 0, ""
        self._told = False
        self._root = Node(None, "", "/")
        self._watched: dict[int, Node] = {}
        self._most = _most_watches()

    def node(self, watch: int) -> Node | None:
        """Return the directory that a watch belongs to."""
        return self._watched.get(watch)

    def watches(self, path: str) -> bool:
        """Tell whether the directory at a path is watched."""
        return self._find(path) is not None

    def has_read(self, path: str) -> bool:
        """Tell whether the directory at a path is watched, and all that was in it then has been taken for new."""
        node = self._find(path)
        return node is not None and node.is_read

    def note_read(self, path: str) -> None:
        """Take note that a directory has been read, and all in it been taken for new."""
        if node := self._find(path):
            node.is_read = True

    def _find(self, path: str) -> Node | None:
        node: Node | None = self._root
        for name in path.strip("/").split("/") if path != "/" else ():
            node = node.below.get(name) if node else None
        return node if node and node.watch else None

    def watch(self, path: str) -> int:
        """Watch a directory; return a descriptor on it, to be closed, or -1 if there is none or no watch is left."""
        try:
            opened = _linux.open_in(-100, os.fsencode(path).strip(b"/") or b".", OPENED)  # AT_FDCWD
        except OSError as error:
            if error.errno not in NOT_THERE:
                self.miss(path)
            return -1
        node = self._make(path)
        if not self._add(node, opened):
            os.close(opened)
            return -1
        return opened

    def watch_up(self, path: str) -> None:
        """Watch a directory and those above it: whoever renames one of them takes what is in it away."""
        while not self.watches(path):
            opened = self.watch(path)
            if opened >= 0:
                os.close(opened)
            if path == "/":
                return
            path = os.path.dirname(path)

    def _make(self, path: str) -> Node:
        node = self._root
        for name in path.strip("/").split("/") if path != "/" else ():
            found = node.below.get(name)
            if found is None:
                found = node.below[name] = Node(node, name, f"{node.path.rstrip('/')}/{name}")
            node = found
        return node

    def _add(self, node: Node, opened: int) -> bool:
        """Watch what is there now: where events were lost, it may not be what was watched by that name."""
        if not node.watch and len(self._watched) >= self._most:
            self.miss(node.path)
            return False
        try:
            number = _events.inotify_watch(self.descriptor, b"proc/self/fd/%d" % opened, WATCHED)
        except OSError:
            self.miss(node.path)
            return False
        if number == node.watch:
            return True
        if node.watch:
            self._forget(node)
        before = self._watched.get(number)
        if before is not None:  # the same directory, which had another name before
            before.watch = 0
        node.watch, node.is_read = number, False
        self._watched[number] = node
        return True

    def _forget(self, node: Node) -> None:
        if self._watched.get(node.watch) is node:
            del self._watched[node.watch]
            with suppress(OSError):  # it was ended with the directory
                _events.inotify_forget(self.descriptor, node.watch)

    def start_over(self) -> list[str]:
        """Count no directory as read, since events were lost; return the paths that are watched."""
        for node in self._watched.values():
            node.is_read = False
        return [node.path for node in self._watched.values()]

    def miss(self, path: str) -> None:
        """Count a directory as not watched."""
        self.unwatched += 1
        self.missed = self.missed or path

    def report(self, tell: Callable[[str, str, str], None], *, required: bool) -> None:
        """Tell, where everything must be watched, that a directory could not be, unless `tally` was asked since."""
        if required and self.unwatched > 0 and not self._told:
            tell("unwatched", "", self.tally())

    def tally(self) -> str:
        """Return how many directories could not be watched, and the first of them."""
        self._told = self.unwatched > 0
        return f"{self.unwatched} {self.missed}"

    def ignored(self, watch: int) -> None:
        """Forget a watch that the kernel has ended: the directory is gone."""
        node = self._watched.pop(watch, None)
        if node is not None:
            node.watch = 0

    def drop(self, node: Node, name: str) -> None:
        """Watch nothing any longer that is below a name: it was moved away, or something else is there now."""
        gone = node.below.pop(name, None)
        if gone is None:
            return
        for each in _all(gone):
            self._forget(each)

    def set_free(self, node: Node, name: str) -> None:
        """Go on watching what is below a name as what it was there, and take whatever comes to stand there as well."""
        node.below.pop(name, None)


def is_fresh(opened: int, name: str, since: float) -> bool:
    """Tell whether a file in an opened directory has changed since a time: nobody can turn that back (st_ctime)."""
    try:
        return os.stat(name, dir_fd=opened, follow_symlinks=False).st_ctime >= since
    except OSError:
        return False


def _all(node: Node) -> Iterator[Node]:
    pending = [node]  # nested as deep as an agent likes
    while pending:
        each = pending.pop()
        yield each
        pending += each.below.values()


def _most_watches() -> int:
    """Return how many watches may be taken: some must be left for the user's editor."""
    try:
        with open("/proc/sys/fs/inotify/max_user_watches", "rb") as file:
            return int(read_from(file)) // SPARE
    except (OSError, ValueError):
        return 1 << 13
