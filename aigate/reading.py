"""What a file holds, as bytes. Owns what happens where nothing can be had at the moment, or no file stands there."""

from __future__ import annotations

import os
import stat
from errno import EAGAIN, EINVAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Readable(Protocol):
        """A binary file object."""

        def read(self, size: int = ..., /) -> bytes | None: ...  # noqa: D102


def read_from(file: Readable, most: int = -1) -> bytes:
    """Return what a file holds from here on. most: bytes, or all. Raises OSError.

    A file object gives None where a read would have to wait; whoever goes on with that meets another error.
    """
    found = file.read(most)
    if found is None:
        raise BlockingIOError(EAGAIN, "there is nothing to be read at the moment", getattr(file, "name", None))
    return found


def text_of(path: str) -> str:
    """Return what a file of the kernel's or the system's says, "" where there is none or it cannot be read."""
    try:
        with open(path, "rb") as file:
            return read_from(file).decode("utf-8", "replace")
    except OSError:
        return ""


def content_of(path: str, most: int = -1) -> bytes:
    """Return what a regular file holds. most: bytes, or all. Raises OSError, also where anything else stands there.

    Nobody waits for whoever might write to a FIFO, and nothing is read that has no end: a link is not followed.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(EINVAL, "not a regular file", path)
        return read_from(file, most)
