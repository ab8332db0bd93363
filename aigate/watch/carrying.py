"""Moves a file or a directory by descriptors, without following a link, so that no directory keeps its identity.

For what somebody may have open at that moment: a directory that is renamed takes along whoever is in it, and `..` leads
him to where it has come. So each directory is made anew and the old one removed. Decides nothing.
"""

from __future__ import annotations

import errno
import os
import stat

STEP = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
BLOCK = 1 << 20
OWNERS = 0o700
ATTEMPTS = 100  # with a directory that somebody goes on filling


def carry(name: str, source: int, target: int) -> None:
    """Move a name from one directory to another. Raises OSError and RecursionError: then a part may be in each.

    What is neither file, link nor directory goes, where another file system is the target: there is nothing to keep.
    """
    status = os.stat(name, dir_fd=source, follow_symlinks=False)
    if stat.S_ISDIR(status.st_mode):
        _carry_directory(name, source, target, stat.S_IMODE(status.st_mode))
        return
    try:
        os.rename(name, name, src_dir_fd=source, dst_dir_fd=target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(name, source, target, status)
        os.unlink(name, dir_fd=source)


def _carry_directory(name: str, source: int, target: int, mode: int) -> None:
    try:
        os.mkdir(name, OWNERS, dir_fd=target)
    except FileExistsError:
        if not stat.S_ISDIR(os.stat(name, dir_fd=target, follow_symlinks=False).st_mode):
            raise
    inner = os.open(name, STEP, dir_fd=source)
    outer = os.open(name, STEP, dir_fd=target)
    try:
        os.chmod(f"/proc/self/fd/{inner}", mode | OWNERS)  # closed by its maker, maybe
        _empty(name, source, inner, outer)
        os.chmod(f"/proc/self/fd/{outer}", mode)
    finally:
        os.close(inner)
        os.close(outer)


def _empty(name: str, source: int, inner: int, outer: int) -> None:
    for _ in range(ATTEMPTS):
        for each in os.listdir(f"/proc/self/fd/{inner}"):
            carry(each, inner, outer)
        try:
            os.rmdir(name, dir_fd=source)
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise
        else:
            return
    raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), name)


def _copy(name: str, source: int, target: int, status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
    elif stat.S_ISREG(status.st_mode):
        reader = os.open(name, READ, dir_fd=source)
        try:
            writer = os.open(name, NEW_FILE, 0o600, dir_fd=target)
            try:
                while block := os.read(reader, BLOCK):
                    view = memoryview(block)
                    while view:
                        view = view[os.write(writer, view) :]
                os.fchmod(writer, stat.S_IMODE(status.st_mode) & 0o777)
                os.utime(writer, ns=(status.st_atime_ns, status.st_mtime_ns))
            finally:
                os.close(writer)
        finally:
            os.close(reader)
