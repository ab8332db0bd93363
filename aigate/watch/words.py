"""What the clerk says to aigate over a pipe, one thing after the other. Owns how that is written, not what it means."""

from __future__ import annotations

import marshal
import os
from select import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Said = tuple[Any, ...]

MOST_READ, LENGTH_BYTES = 1 << 16, 4


def say(pipe: int, *what: str | int | list[tuple[str, str, str]]) -> None:
    """Say something to aigate, which takes one thing after the other. Raises OSError: it was killed.

    At the start (works, reason, unwatched, missed), at the end what `WatchReport` holds; in between the path of what is
    not watched.
    """
    data = marshal.dumps(what)
    view = memoryview(len(data).to_bytes(LENGTH_BYTES, "little") + data)
    while view:
        view = view[os.write(pipe, view) :]


def hear(pipe: int, seconds: float) -> Said:
    """Return the next thing that is said, nothing where the clerk is gone or says nothing in time."""
    if not select([pipe], [], [], seconds)[0]:
        return ()
    data = _read(pipe, int.from_bytes(_read(pipe, LENGTH_BYTES), "little"))
    said: Said = marshal.loads(data) if data else ()  # noqa: S302  # our own process's words
    return said


def _read(pipe: int, length: int) -> bytes:
    """Return so many bytes of a pipe, none where it ends before."""
    said = b""
    while len(said) < length:
        read = os.read(pipe, min(MOST_READ, length - len(said)))
        if not read:
            return b""
        said += read
    return said
