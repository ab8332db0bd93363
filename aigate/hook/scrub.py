"""Secrets overwritten where they lie in an agent's transcripts: byte for byte, so that JSON stays JSON.

Each byte becomes an asterisk in place: nothing is moved, cut or replaced, so an agent that appends meanwhile loses no
line, and whoever is killed half-way leaves every file whole. Only texts between quotes are touched, but for what is no
JSON any more: a line that was cut, or a whole that nobody goes on writing.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import time

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from aigate._masker import Masker

STRING = re.compile(rb'"((?:[^"\\\n]|\\.)*+)"')
ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f"}
BLOCK = 8 << 20
LONGEST_LINE = 256 << 20
BY_LINES = (".jsonl", ".ndjson")
SETTLED_SECONDS = 60  # without a change, after which what has no end will not get one
SURROGATES = range(0xD800, 0xE000)


@record
class Scrubbed:
    """A file: how many secrets by rule, and why it was left alone, if it was."""

    path: str
    counts: dict[str, int]
    left: str | None = None


def scrub(path: str, masker: Masker, *, change: bool) -> Scrubbed:
    """Look through a file of JSON or JSON lines, and overwrite what is to be hidden where that is wanted."""
    counts: dict[str, int] = {}
    try:
        flags = (os.O_RDWR if change else os.O_RDONLY) | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(path, flags)
    except OSError as error:
        return Scrubbed(path, counts, "is a symbolic link" if error.errno == errno.ELOOP else error.strerror)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            return Scrubbed(path, counts, "is no regular file")
        if change and before.st_uid != os.geteuid():
            return Scrubbed(path, counts, "belongs to another user")
        left = _File(descriptor, masker, counts, change=change).look(before, by_lines=path.endswith(BY_LINES))
        if change and counts:
            os.utime(
                descriptor, ns=(before.st_atime_ns, max(before.st_mtime_ns, _changed_meanwhile(descriptor, before)))
            )
        return Scrubbed(path, counts, left)
    except OSError as error:
        return Scrubbed(path, counts, error.strerror)
    finally:
        os.close(descriptor)


def _changed_meanwhile(descriptor: int, before: os.stat_result) -> int:
    """Return when somebody else has written since, in nanoseconds; 0 for never. Agents sort by that time."""
    now = os.fstat(descriptor)
    return now.st_mtime_ns if now.st_size != before.st_size else 0


class _File:
    """A file that is open, and what is overwritten of it."""

    def __init__(self, descriptor: int, masker: Masker, counts: dict[str, int], *, change: bool) -> None:
        self.descriptor, self.masker, self.counts, self.change = descriptor, masker, counts, change

    def look(self, before: os.stat_result, *, by_lines: bool) -> str | None:
        """Go through what is there. Returns why the rest was left alone."""
        settled = time.time() - before.st_mtime > SETTLED_SECONDS
        if settled and not by_lines and before.st_size <= BLOCK:
            self._overwrite(0, os.pread(self.descriptor, BLOCK, 0), may_be_broken=True)
            return None
        at, kept = 0, b""
        while block := os.pread(self.descriptor, BLOCK, at + len(kept)):
            text = kept + block
            end = text.rfind(b"\n") + 1
            if not end:
                if len(text) > LONGEST_LINE:
                    return "has a line that is too long"
                kept = text
                continue
            self._whole_lines(at, text[:end], by_lines=by_lines)
            at, kept = at + end, text[end:]
        if kept:  # a line that has no end yet
            self._overwrite(at, kept, may_be_broken=settled and by_lines)
        return None

    def _whole_lines(self, at: int, text: bytes, *, by_lines: bool) -> None:
        if not by_lines:
            self._overwrite(at, text, may_be_broken=False)
            return
        for line in text.split(b"\n"):
            self._overwrite(at, line, may_be_broken=True)
            at += len(line) + 1

    def _overwrite(self, at: int, text: bytes, *, may_be_broken: bool) -> None:
        look = _found if may_be_broken and _is_broken(text) else _places
        for begin, end in look(text, self.masker, self.counts):
            if self.change:
                os.pwrite(self.descriptor, b"*" * (end - begin), at + begin)


def _is_broken(text: bytes) -> bool:
    """Tell whether a text is no JSON any more. One that is too deep to tell, or has odd bytes, still is."""
    try:
        json.loads(text.decode("utf-8", "surrogateescape").removeprefix("\ufeff"), strict=False)
    except ValueError:
        return bool(text.strip())
    except RecursionError:
        return False
    return False


def overwritten(text: bytes, masker: Masker, counts: dict[str, int]) -> bytes:
    """Return a text, JSON or not, with asterisks in place of what is to be hidden."""
    made = bytearray(text)
    for begin, end in _places(text, masker, counts) if _is_json(text) else _found(text, masker, counts):
        made[begin:end] = b"*" * (end - begin)
    return bytes(made)


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _places(text: bytes, masker: Masker, counts: dict[str, int]) -> Iterator[tuple[int, int]]:
    """Yield where something is to be hidden in the strings of JSON."""
    for string in STRING.finditer(text):
        raw, start = string[1], string.start(1)
        decoded, places = (raw, None) if b"\\" not in raw else unescaped(raw)
        for begin, end in _found(decoded, masker, counts):
            yield (start + begin, start + end) if places is None else (start + places[begin], start + places[end])


def _found(text: bytes, masker: Masker, counts: dict[str, int]) -> Iterator[tuple[int, int]]:
    search = masker.search()
    for _, begin, end, *_ in search.feed(text, final=True):
        yield begin, end
    for name, count in search.counts.items():
        if count:
            counts[name] = counts.get(name, 0) + count


def unescaped(raw: bytes) -> tuple[bytes, list[int]]:
    """Return what a JSON string says (RFC 8259, section 7), and for each byte of it and its end the place in `raw`.

    All bytes that one escape stands for have its place, so that a part of an escape is never overwritten alone.
    """
    out = bytearray()
    places: list[int] = []
    at = 0
    high: tuple[int, int] | None = None  # the first half of a pair, and where it stands
    for escape in ESCAPE.finditer(raw):
        plain = raw[at : escape.start()]
        places += range(at, escape.start())
        out += plain
        if plain:
            high = None
        said = _said(escape)
        if isinstance(said, int):
            if high is not None and 0xDC00 <= said < 0xE000:  # noqa: PLR2004 -- the second half
                del out[-3:], places[-3:]
                letter = chr(0x10000 + ((high[0] - 0xD800) << 10) + (said - 0xDC00)).encode()
                places += [high[1]] * len(letter)
                out += letter
                high = None
                at = escape.end()
                continue
            high = (said, escape.start()) if said < 0xDC00 else None  # noqa: PLR2004
            said = chr(said).encode("utf-8", "surrogatepass")
        else:
            high = None
        places += [escape.start()] * len(said)
        out += said
        at = escape.end()
    places += range(at, len(raw) + 1)
    out += raw[at:]
    return bytes(out), places


def _said(escape: re.Match[bytes]) -> bytes | int:
    """Return the bytes that an escape stands for; the number of half a pair."""
    if escape[1] is None:
        return LETTERS.get(escape[2], escape[2])
    number = int(escape[1], 16)
    return number if number in SURROGATES else chr(number).encode()
