"""What the watcher says to the clerk, and the clerk to aigate over a pipe, one thing after the other.

Owns how that is written, not what it means. native/clerk.c reads it as well.
"""

from __future__ import annotations

import marshal
import os
import sys
from select import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Said = tuple[Any, ...]
    Told = tuple[str, str, str]  # kind, path, text

MOST_READ, LENGTH_BYTES, PROCESS_BYTES = 1 << 16, 4, 4


def say(pipe: int, *what: str | int | list[tuple[str, str, str]]) -> None:
    """Say something to aigate, which takes one thing after the other. Raises OSError: it was killed.

    At the start (works, reason, unwatched, missed), at the end what `WatchReport` holds; in between the path of what is
    not watched.
    """
    view = memoryview(written(*what))
    while view:
        view = view[os.write(pipe, view) :]


def written(*what: str | int | list[tuple[str, str, str]]) -> bytes:
    """Return how something is said."""
    data = marshal.dumps(what)
    return len(data).to_bytes(LENGTH_BYTES, "little") + data


def read(data: bytes) -> Said:
    """Return what was said."""
    said: Said = marshal.loads(data[LENGTH_BYTES:])  # noqa: S302  # our own process's words
    return said


def packed(kind: str, path: str, text: str) -> bytes:
    """Return what the watcher tells the clerk. In `armed` and `drained` is what aigate is to be told of it."""
    if kind == "armed":
        return b"A" + int(path).to_bytes(PROCESS_BYTES, sys.byteorder) + written(True, "", *count_and_name(text))
    if kind == "drained":
        return b"D" + (b"1" if path else b"0") + written([], *count_and_name(text), False)
    return (b"S" if kind == "settings" else b"M") + marshal.dumps((kind, path, text))


def unpacked(data: bytes) -> Told:
    """Return what the watcher has told."""
    if data[:1] == b"A":
        _, _, unwatched, missed = read(data[1 + PROCESS_BYTES :])
        return "armed", str(int.from_bytes(data[1 : 1 + PROCESS_BYTES], sys.byteorder)), f"{unwatched} {missed}"
    if data[:1] == b"D":
        _, unwatched, missed, _ = read(data[2:])
        return "drained", data[1:2].decode().strip("0"), f"{unwatched} {missed}"
    found: Told = marshal.loads(data[1:])  # noqa: S302  # our own process's words
    return found


def count_and_name(text: str) -> tuple[int, str]:
    """Return how many directories are not watched, and the first of them."""
    count, _, name = text.partition(" ")
    return int(count), name


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
