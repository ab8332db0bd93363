"""Placeholders: files that stand, while a sandbox runs, where nothing may be created.

A path that does not exist cannot be mounted over, so a shell start file that is missing today could be written by the
agent and run tomorrow. Something real has to stand there for the time of the run, and has to be gone afterwards, also
when everything was killed, and also when two runs share it. So every run holds a shared lock, whose end the kernel
tells; whoever finds that nobody else holds it removes what is on record. What the user changed meanwhile stays. The
agent of another run may be at work in the same place, so directories are opened one by one and no link is followed.
"""

from __future__ import annotations

import errno
import fcntl
import os

from aigate.errors import EnforcementError
from aigate.host.locks import lock
from aigate.reading import read_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

# macOS has no O_PATH
STEP = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
CHANGED = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENOTEMPTY, errno.ENXIO)  # gone, or by now somebody else's
LOCK = "running.lock"
RECORD = "placeholders"


class Placeholders:
    """The placeholders of one run: a context manager around everything from looking at the files to the end.

    state: aigate's own directory (`~/.aigate`), which exists. Raises OSError when the lock cannot be taken.
    """

    def __init__(self, state: str) -> None:
        self._state = state
        self._lock = -1
        self.unused = False

    def __enter__(self) -> Self:
        self._lock = os.open(f"{self._state}/{LOCK}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self.unused = self._remove_unless_used()
        lock(self._lock, f"{self._state}/{LOCK}", fcntl.LOCK_SH)
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
        os.close(self._lock)

    def remove(self) -> None:
        """Remove the placeholders, if no other run uses them."""
        self._remove_unless_used()

    def create(self, wanted: Iterable[tuple[str, bool, bytes]]) -> None:
        """Make placeholders, each (path, is a directory, content), with the directories above them.

        All of them are written down before the first is made. One that exists by now, because another run was quicker,
        is taken as it is. Raises OSError, and EnforcementError where one cannot be made.
        """
        items: dict[str, bytes | None] = {}
        for path, directory, content in wanted:
            items.update(dict.fromkeys(_missing_parents(path)))
            items[path] = None if directory else content
        record = os.open(f"{self._state}/{RECORD}", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            text = memoryview(b"".join(_entry(*item) for item in items.items()))
            while text:
                text = text[os.write(record, text) :]
        finally:
            os.close(record)
        with _Directories() as directories:
            for path, kept in items.items():
                try:
                    _make(directories, path, kept)
                except OSError as error:
                    message = f"{path} cannot be kept from appearing: {error.strerror}"
                    raise EnforcementError(message, hint="nothing was run; look at the directories above it") from None

    def _remove_unless_used(self) -> bool:
        """Remove what is on record, if no other run holds the lock. Tell whether none does."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        record = f"{self._state}/{RECORD}"
        try:
            with open(record, "rb") as file:
                entries = read_from(file).split(b"\0\n")
        except FileNotFoundError:
            return True
        kept: list[bytes] = []
        with _Directories() as directories:
            for entry in reversed(entries):
                path, kind, content = (*entry.split(b"\0", 2), b"", b"")[:3]
                if path and not _remove(directories, os.fsdecode(path), kind == b"d", content):
                    kept.insert(0, entry + b"\0\n")
        if kept:
            _rewrite(record, b"".join(kept))
        else:
            os.unlink(record)
        return True


class _Directories:
    """Directories that were opened without following any link, each once: a context manager."""

    def __init__(self) -> None:
        self._opened: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._opened.values():
            os.close(descriptor)

    def above(self, path: str) -> tuple[int, str]:
        """Return the directory that a path is in, and the name there. Raises OSError."""
        directory, name = os.path.split(path)
        return self._open(directory), name

    def _open(self, directory: str) -> int:
        found = self._opened.get(directory, -1)
        if found < 0:
            above, name = os.path.split(directory)
            found = os.open(name, STEP, dir_fd=self._open(above)) if name else os.open("/", STEP)
            self._opened[directory] = found
        return found


def _missing_parents(path: str) -> list[str]:
    missing: list[str] = []
    parent = os.path.dirname(path)
    while not os.path.lexists(parent):
        missing.insert(0, parent)
        parent = os.path.dirname(parent)
    return missing


def _entry(path: str, content: bytes | None) -> bytes:
    """Return what is written down about a placeholder: path, kind, content."""
    return b"\0".join((os.fsencode(path), b"d" if content is None else b"f", content or b"", b"\n"))


def _make(directories: _Directories, path: str, content: bytes | None) -> None:
    """Create an empty directory (no content) or a file."""
    above, name = directories.above(path)
    try:
        if content is None:
            os.mkdir(name, 0o755, dir_fd=above)
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, flags, 0o644, dir_fd=above)
    except FileExistsError:
        return
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)


def _rewrite(record: str, text: bytes) -> None:
    """Replace the record in one step."""
    descriptor = os.open(f"{record}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, text)
    finally:
        os.close(descriptor)
    os.rename(f"{record}.new", record)


def _remove(directories: _Directories, path: str, directory: bool, content: bytes) -> bool:
    """Remove a placeholder that is as it was made: an empty directory, a file with that content or its beginning.

    Tell whether it is dealt with: not where a directory above has been closed, and a later run may have to do it.
    """
    try:
        above, name = directories.above(path)
        if directory:
            os.rmdir(name, dir_fd=above)
            return True
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=above)
        try:
            unchanged = content.startswith(os.read(descriptor, len(content) + 1))  # a killed run wrote only part of it
        finally:
            os.close(descriptor)
        if unchanged:
            os.unlink(name, dir_fd=above)
    except OSError as error:
        return error.errno in CHANGED
    return True
