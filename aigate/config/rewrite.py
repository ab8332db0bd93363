"""Changing a small file so that it is never half written and no change is lost. Knows nothing of what is in it.

Writers take a lock on the file itself and, once they have it, check that the path still names the file they locked: a
writer before them will have put a new one in its place. The new content goes to a file beside it, is flushed to the
disk, and takes the name in one step, so that a reader, a crash or `kill -9` sees the old bytes or the new ones. No lock
file stays behind, and a half-written neighbour is overwritten by the next writer.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from typing import TYPE_CHECKING

from aigate.config import files
from aigate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE, PAUSE = 5.0, 0.005  # seconds; aigate itself holds a lock for milliseconds
MAX_BYTES = 64 << 20  # of the record of access lists, in the worst case; a config has a limit of its own


def rewrite(
    path: str, change: Callable[[bytes | None], bytes], *, create: bool, mode: int = 0o600, shared: bool = False
) -> bool:
    """Give a file the bytes that `change` makes of its present ones; False when they are the same.

    A link is followed: the file it leads to changes. Mode and owner stay; a new file has `mode`, less the umask, in a
    folder that is made 0700. create: where there is no file, make what `change` says to None, else that is a
    ConfigError. `change` may be called again when somebody else was faster. shared: others than aigate may hold a lock
    on it, for as long as they like: after a while it is changed all the same, in one step as ever.
    Raises ConfigError when the file or its folder cannot be written, and passes on what `change` raises; then nothing
    has changed.
    """
    target = os.path.realpath(path)
    try:
        while True:
            with contextlib.suppress(_GoneError):
                return _change(target, change, shared=shared)
            if not create:
                raise ConfigError("is not there", path=files.shown(path))
            with contextlib.suppress(FileExistsError):
                _make(target, change(None), mode)
                return True
    except OSError as error:
        raise ConfigError(f"cannot be changed: {error.strerror}", path=files.shown(path)) from None


def create(path: str, data: bytes, *, force: bool) -> None:
    """Write a new file, 0600 in a 0700 folder. force: also in place of an old one, which then keeps mode and owner.

    Raises ConfigError when there is one already, or the file cannot be written.
    """

    def change(old: bytes | None) -> bytes:
        if old is not None and not force:
            raise ConfigError("is there already", path=files.shown(path), hint="use --force to replace it")
        return data

    rewrite(path, change, create=True)


class _GoneError(Exception):
    """There is no file of that name."""


def _change(path: str, change: Callable[[bytes | None], bytes], *, shared: bool) -> bool:
    with _locked(path, shared=shared) as fd:
        old = _content(fd, path)
        new = change(old)
        if new != old:
            _replace(path, new, os.fstat(fd))
        return new != old


@contextlib.contextmanager
def _locked(path: str, *, shared: bool) -> Iterator[int]:
    while True:
        fd = _open(path)
        try:
            if not _lock(fd) and not shared:
                hint = "end the program that holds it: lslocks, or fuser, shows which"
                raise ConfigError("is locked by another program", path=files.shown(path), hint=hint)
            if _names(path, fd):
                yield fd
                return
        finally:
            os.close(fd)


def _lock(fd: int) -> bool:
    """Wait for the lock for a while, and tell whether it is had."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(PAUSE)
        else:
            return True


def _open(path: str) -> int:
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except FileNotFoundError:
        raise _GoneError from None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise ConfigError("is not a regular file", path=files.shown(path))
    return fd


def _names(path: str, fd: int) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(fd))
    except FileNotFoundError:
        return False


def _content(fd: int, path: str) -> bytes:
    data = os.pread(fd, MAX_BYTES + 1, 0)
    if len(data) > MAX_BYTES:
        raise ConfigError("is larger than 64 MiB", path=files.shown(path))
    return data


def _make(path: str, data: bytes, mode: int) -> None:
    folder, name = os.path.split(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    neighbour = os.path.join(folder, f".{name}.{os.urandom(8).hex()}.new")
    with _filled(neighbour, data, None, mode):
        os.link(neighbour, path)  # unlike rename, fails when somebody else made the file meanwhile
        os.unlink(neighbour)
    _flush_folder(folder)


def _replace(path: str, data: bytes, before: os.stat_result) -> None:
    folder, name = os.path.split(path)
    neighbour = os.path.join(folder, f".{name}.new")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(neighbour)
    with _filled(neighbour, data, before, 0o600):
        os.rename(neighbour, path)
    _flush_folder(folder)


@contextlib.contextmanager
def _filled(path: str, data: bytes, like: os.stat_result | None, mode: int) -> Iterator[None]:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        _fill(fd, data, like)
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise
    finally:
        os.close(fd)


def _fill(fd: int, data: bytes, like: os.stat_result | None) -> None:
    if like is not None:
        now = os.fstat(fd)
        if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
            os.fchown(fd, like.st_uid, like.st_gid)
        os.fchmod(fd, stat.S_IMODE(like.st_mode))
    while data:
        data = data[os.write(fd, data) :]
    os.fsync(fd)


def _flush_folder(folder: str) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
