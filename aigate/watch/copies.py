"""The sandbox's copies of git's config files, as the watcher sees them: what is in them, and what is put into them.

They lie in file systems of the sandbox's own, where the agent does as it likes; so they are opened without following
any link, and replaced as git does it, under a lock. What a setting may be is decided elsewhere.
"""

from __future__ import annotations

import os
import stat

from aigate import _events, _linux
from aigate.reading import read_from
from aigate.suppress import suppress
from aigate.watch.directories import IN_CREATE, IN_MOVED_TO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 1 << 15
IN_CLOSE_WRITE = 0x8
CHANGED = IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class Copies:
    """copies: path of each config file, and where inside its copy lies. descriptor: ready when one has changed."""

    def __init__(self, copies: dict[str, str]) -> None:
        self._copies = copies
        self._last: dict[str, str] = {}
        self.descriptor = _events.inotify_open()

    def begin(self) -> None:
        """Watch them. This process's root is the sandbox's by now."""
        for copy in self._copies.values():
            _events.inotify_watch(self.descriptor, os.fsencode(os.path.dirname(copy)), CHANGED)

    def forget(self, path: str) -> None:
        """Take what is in a copy for new: the file itself has been replaced."""
        self._last.pop(path, None)

    def report(self, tell: Callable[[str, str, str], None]) -> None:
        """Tell the content of each copy that has another one than the last time; not of what is no plain file."""
        with suppress(BlockingIOError):
            while _events.inotify_events(self.descriptor):
                pass
        for path, copy in self._copies.items():
            content = _content(copy)
            if content is not None and content != self._last.get(path):
                self._last[path] = content
                tell("settings", path, content)

    def put(self, path: str, content: str) -> None:
        """Replace a copy. Raises OSError: git, or the agent, holds its lock."""
        directory = _opened(os.path.dirname(self._copies[path]), os.O_PATH | os.O_DIRECTORY)
        try:
            lock = _linux.open_in(directory, b"config.lock", NEW_FILE, 0o600)
            with open(lock, "wb") as file:
                file.write(content.encode("utf-8", "surrogateescape"))
            os.rename("config.lock", "config", src_dir_fd=directory, dst_dir_fd=directory)
        finally:
            os.close(directory)


def _opened(path: str, flags: int) -> int:
    root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return _linux.open_in(root, os.fsencode(path).strip(b"/"), flags)
    finally:
        os.close(root)


def _content(path: str) -> str | None:
    try:
        opened = _opened(path, READ)
    except OSError:
        return None
    with open(opened, "rb") as file:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            return None
        content = read_from(file, MOST_BYTES + 1)
    return content.decode("utf-8", "surrogateescape") if len(content) <= MOST_BYTES else None
