"""What links of a layer lead to, as they are followed inside: the layer's own files first, then the user's.

Whoever agrees to a link agrees to what it leads to, so that is told apart, too. Reads; changes nothing.
"""

from __future__ import annotations

import os
import stat

from aigate.config.cache import digest
from aigate.layers.changes import is_removal
from aigate.layers.inner import PLACE, Tree
from aigate.reading import content_of, read_from

MOST_LINKS, MOST_ENTRIES = 40, 2000
LARGEST = 1 << 26
BELOW = "below"


class Led:
    """One layer's view. upper: its upper directory. below: the directory that it lies above."""

    def __init__(self, upper: str) -> None:
        self._below = os.fsdecode(content_of(f"{os.path.dirname(upper)}/{BELOW}"))
        self._upper, self._tree = upper, Tree(upper)

    def mark(self, path: str) -> bytes:
        """Return what tells what a link leads to from anything else; b"" for what cannot be told. path: relative."""
        try:
            found = self._resolved(f"{self._below}/{path}")
            return self._mark(found) if found else b"nothing"
        except OSError:
            return b""

    def _resolved(self, path: str) -> str:
        """Return the real path inside, or "" where there is nothing. Raises OSError: links in a circle."""
        rest, found, links = path.split("/")[::-1], "", 0
        while rest:
            part = rest.pop()
            if part in ("", "."):
                continue
            if part == "..":
                found = os.path.dirname(found).rstrip("/")
                continue
            place, status = self._status(f"{found}/{part}")
            if status is None:
                return ""
            if not stat.S_ISLNK(status.st_mode):
                found = f"{found}/{part}"
                continue
            links += 1
            if links > MOST_LINKS:
                raise OSError(path)
            target = os.readlink(place)
            found = "" if target.startswith("/") else found
            rest += target.split("/")[::-1]
        return found or "/"

    def _status(self, path: str) -> tuple[str, os.stat_result | None]:
        """Return where a path really lies, and what is there; its directories are no links."""
        relative = path.removeprefix(f"{self._below}/")
        if relative != path:
            status = self._tree.status(relative)
            if status is not None:
                return f"{self._upper}/{relative}", None if is_removal(status) else status
        try:
            return path, os.lstat(path)
        except FileNotFoundError:
            return path, None

    def _mark(self, path: str) -> bytes:
        place, status = self._status(path)
        if status is None or not stat.S_ISDIR(status.st_mode):
            return f"{path!r} ".encode("ascii", "backslashreplace") + _content(place)
        seen = [f"{path!r}"]
        for top in {place, path}:
            for directory, _, names in os.walk(top):
                for name in ("", *names):
                    each = os.lstat(f"{directory}/{name}")
                    seen.append(f"{directory}/{name} {each.st_mode} {each.st_size} {each.st_ino} {each.st_ctime_ns}")
                if len(seen) > MOST_ENTRIES:
                    return b""
        return "\n".join(sorted(seen)).encode("ascii", "backslashreplace")


def _content(path: str) -> bytes:
    place = os.open(path, PLACE)  # which opens nothing yet: some devices act as soon as they are
    try:
        status = os.fstat(place)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            return b""
        opened = os.open(f"/proc/self/fd/{place}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    finally:
        os.close(place)
    with open(opened, "rb") as file:
        return digest(read_from(file, LARGEST + 1)).encode() + b"%d" % (status.st_mode & 0o111)
