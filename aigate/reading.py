"""What an open file holds, as bytes. Owns what happens where nothing can be had at the moment; opens nothing."""

from __future__ import annotations

from errno import EAGAIN

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
