"""Logins while a run lasts: what the agent changes is brought out, what the user's own programs change is brought in.

Both sides are watched (inotify(7)). The inner one is reached through the mount that the sandbox itself uses, by a
descriptor: a layer that is mounted must not be changed below its mount, and one in memory lies nowhere else. What an
agent makes of the way there is never followed. Runs side by side, of whatever project, take turns by a lock.
"""

from __future__ import annotations

import fcntl
import os

from aigate import _events, _linux
from aigate.host.locks import lock, open_lock
from aigate.layers.place import SHARED
from aigate.layers.share import (
    BESIDE,
    NEW,
    Remembered,
    changed,
    clear,
    content_of,
    exchange,
    held,
    is_free,
    is_plain,
    meet,
    replace_file,
    seen,
)
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    Files = tuple[tuple[str, tuple[str, ...]], ...]

LOCK = "logins"
DIRECTORY = os.O_DIRECTORY | os.O_CLOEXEC | getattr(os, "O_PATH", 0)
IN_CLOSE_WRITE, IN_MOVED_TO, IN_CREATE, IN_Q_OVERFLOW, IN_ONLYDIR = 0x8, 0x80, 0x100, 0x4000, 0x1000000
CHANGED = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR


class Turn:
    """A context in which nobody else exchanges logins of this user. state: `~/.aigate`. Raises EnforcementError.

    patient: wait for it; else BlockingIOError is raised where it is somebody else's turn.
    """

    def __init__(self, state: str, *, patient: bool = True) -> None:
        self._path, self._patient = f"{state}/layers/{LOCK}", patient
        self._lock = -1

    def __enter__(self) -> Self:
        os.makedirs(os.path.dirname(self._path), 0o700, exist_ok=True)
        self._lock = open_lock(self._path)
        try:
            if self._patient:
                lock(self._lock, self._path)
            else:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            os.close(self._lock)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)


class Logins:
    """The files of one run. files: (path, keys). below: the directory that is layered. directory: where; "": in memory.

    descriptor: ready when one of them may have changed. due: whether one has, since the last exchange.
    """

    def __init__(self, state: str, files: Files, below: str, directory: str) -> None:
        self._state, self._files, self._below = state, files, below
        self._upper = f"{directory}/upper" if directory else ""
        self._known = f"{os.path.dirname(directory)}/{SHARED}" if directory else ""
        self._last = Remembered(self._known, f"{state}/layers/{LOCK}.{NEW}")
        self._top = -1
        self.descriptor = -1
        self.due = False
        self._names: set[bytes] = set()

    def begin(self, top: int) -> None:
        """Watch both sides. top: the layer as the sandbox sees it. Raises OSError. Nothing has run inside yet."""
        self._top = top
        self.descriptor = _events.inotify_open()
        self._watch()
        self.due = True
        if not self._upper:
            self._remember()

    def _remember(self) -> None:
        """Take what is seen inside, which is the user's own so far, for what both have."""
        for path, keys in self._files:
            for inner in self._inside(path):
                self._last.note(path, held(inner, keys))

    def look(self) -> None:
        """Take note of what has happened."""
        with suppress(BlockingIOError):
            while events := _events.inotify_events(self.descriptor):
                if any(mask & IN_Q_OVERFLOW or name in self._names for _, mask, _, name in events):
                    self.due = True
        if self.due:
            self._watch()

    def exchange(self, is_over: Callable[[], bool], note: Callable[[str, str, str], None]) -> None:
        """Exchange what is due. is_over: asked when it is this run's turn; then nothing is changed. note: of changes.

        Where that cannot be now it stays due.
        """
        with suppress(BlockingIOError), Turn(self._state, patient=False):
            if not is_over():
                self.due = False
                self._all(note, inwards=True)

    def end(self, note: Callable[[str, str, str], None]) -> None:
        """Bring out what was changed last; nothing inside lives any more. Raises AigateError and OSError."""
        with Turn(self._state):
            if self._upper:  # another run may have mounted it by now, so the mount of this one shows what once was
                exchange(
                    self._files,
                    self._upper,
                    self._below,
                    f"{os.path.dirname(os.path.dirname(self._upper))}/shared",
                    inwards=False,
                )
            elif self._top >= 0:
                self._all(note, inwards=False)

    def bring(self, top: int) -> None:
        """Exchange once, before a run that shares another one's mount. Raises AigateError and OSError."""
        self._top = top
        with Turn(self._state):
            self._all(lambda *_: None, inwards=True)

    def _all(self, note: Callable[[str, str, str], None], *, inwards: bool) -> None:
        clear(self._last.aside)
        for path, keys in self._files:
            try:
                for inner in self._inside(path):
                    self._one(path, inner, keys, note, inwards=inwards)
            except BlockingIOError:  # it was saved in this moment
                self.due = True
            except OSError as error:
                note("apart", path, error.strerror or "")

    def _one(
        self, path: str, inner: str, keys: tuple[str, ...], note: Callable[[str, str, str], None], *, inwards: bool
    ) -> None:
        outer = os.path.realpath(path)
        if inwards:
            clear(f"{inner}{BESIDE}")
        before = seen(inner), seen(outer)
        if keys:
            both = meet(inner, outer, keys, self._last, path, inwards=inwards)
            if both is not None:
                self._last.note(path, both)
        elif inwards and is_plain(outer) and changed(outer) > changed(inner):
            content = content_of(outer)
            if not is_plain(inner) or content_of(inner) != content:
                replace_file(inner, content, before[0])
        for place, was, way in ((inner, before[0], "in"), (outer, before[1], "out")):
            if seen(place) != was:
                note("login", path, way)

    def _inside(self, path: str) -> Iterator[str]:
        """Yield where a file is to be found inside, if it is the user's own to be brought in and out."""
        outer = os.path.realpath(path)
        if not outer.startswith(f"{self._below}/") or not is_free(outer):
            return
        for place in dict.fromkeys((path, outer)):  # a link of the user's stays one until the agent saves by rename
            above, name = os.path.split(os.path.relpath(place, self._below))
            try:
                directory = _linux.open_in(self._top, os.fsencode(above) or b".", DIRECTORY)
            except OSError:
                continue  # not there, or led elsewhere by the agent
            try:
                inner = f"/proc/self/fd/{directory}/{name}"
                if is_free(inner):
                    yield inner
                    return
            finally:
                os.close(directory)

    def _watch(self) -> None:
        """Watch the directories on the way to each file, on both sides. Raises OSError."""
        below = os.open(self._below, DIRECTORY)
        try:
            for path, _ in self._files:
                for place in dict.fromkeys((path, os.path.realpath(path))):
                    parts = os.path.relpath(place, self._below).split("/")
                    self._names.update(map(os.fsencode, parts))
                    for count in range(len(parts)):
                        for top in (below, self._top):
                            self._watch_one(top, "/".join(parts[:count]))
        finally:
            os.close(below)

    def _watch_one(self, top: int, path: str) -> None:
        try:
            directory = _linux.open_in(top, os.fsencode(path) or b".", DIRECTORY)
        except OSError:
            return  # not there yet: that of the directory above says when it is
        try:
            _events.inotify_watch(self.descriptor, b"/proc/self/fd/%d" % directory, CHANGED)
        finally:
            os.close(directory)
