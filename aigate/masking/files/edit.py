"""One file: what would be hidden in it, and its masked content in its place. Owns no choice of files and no report."""

from __future__ import annotations

import contextlib
import functools
import os
import stat
import sys
from itertools import chain

from aigate.masking.files import attributes, encoded, packed, structure, writers
from aigate.masking.files.outcome import Finding, Outcome
from aigate.masking.files.places import temporary
from aigate.masking.files.replacement import LONGEST, Replacement
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from aigate._masker import Masker, Search, Stream
    from aigate.masking.rule import Rule

MOST_FINDINGS = 10_000  # of one file; more are counted
ESCAPE = b"\x1b"
MARK = b"\xef\xbb\xbf"  # U+FEFF
FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class LeftError(Exception):
    """A file has to be left alone. Its text says why."""


@record
class Tools:
    """How files are masked.

    by_name: a masker for each name of a rule, asked for where each finding's rule is told.
    tell: is told how many bytes were read, and how many written, while that goes on; raises LeftError to end it.
    """

    masker: Masker
    by_name: dict[str, Masker]
    replacement: Replacement
    changes: bool
    detailed: bool
    break_links: bool
    tell: Callable[[int, int], None]


class File:
    """A file that is open, and what was seen of it.

    whole: a content of one block, once it was read. made: what becomes of that, where it was masked while it was looked
    at. target: the new file, -1 until there is one; name: what it is called until it is in place, None without a
    name. written: it is whole.
    """

    def __init__(self, path: str, descriptor: int, parent: int, tools: Tools) -> None:
        self.path, self.descriptor, self.parent, self.tools = path, descriptor, parent, tools
        self.status = os.fstat(descriptor)
        self.packing: str | None = None
        self.encoding: str | None = None
        self.beginning = b""
        self.whole: bytes | None = None
        self.made: bytes | None = None
        self.target = -1
        self.written = False
        self.name: str | None = None
        self.binary = False
        self.size = 0
        self.counts: dict[str, int] = {}
        self.findings: tuple[Finding, ...] = ()
        self.more = 0

    def close(self) -> None:
        """Give up what is open, and what was not put in place."""
        if self.name is not None:
            with contextlib.suppress(OSError):
                os.unlink(self.name, dir_fd=self.parent)
        if self.target >= 0:
            os.close(self.target)
        os.close(self.descriptor)

    def outcome(self, left: str | None, *, changed: bool = False) -> Outcome:
        """Return what is told of it."""
        return Outcome(self.path, self.size, self.counts or None, self.findings, self.more, left, changed)

    def look(self) -> None:
        """See what would be hidden, and where. Raises LeftError for what is no file to be looked at."""
        if not stat.S_ISREG(self.status.st_mode):
            raise LeftError("is no regular file")
        first = packed.first(self.descriptor, self.status.st_size)
        self.packing = packed.kind(self.path, first)
        if self.packing is None and len(first) == self.status.st_size:
            self.whole = first
        self.encoding = encoded.encoding(first if self.packing is None else next(self._content(), b""))
        if self.encoding is not None:
            self.whole = None
        self.counts = self._counts()
        if self.counts and self.tools.detailed:
            self.findings, self.more = self._findings(self.counts)

    def _content(self, descriptor: int | None = None) -> Iterator[bytes]:
        """Return the content, as the masker reads it, of this file or of what was made of it."""
        if descriptor is None and self.whole is not None:
            return iter((self.whole,))
        descriptor = self.descriptor if descriptor is None else descriptor
        os.lseek(descriptor, 0, os.SEEK_SET)
        return encoded.decoded(packed.blocks(descriptor, self.packing), self.encoding)

    def _counts(self) -> dict[str, int]:
        """Return what would be hidden, by name; look on the way whether it is text, and how it begins."""
        content = self._content()
        first = next(content, b"")
        second = b"" if self.whole is not None else next(content, b"")
        self.beginning, self.size = first[:512], len(first)
        self.tools.tell(len(first), 0)
        self.binary = b"\0" in first or structure.is_binary(first)
        looking: Stream | Search
        if not second and self.tools.changes and self.tools.replacement.is_usual:
            self.whole, looking = first, self.tools.masker.stream()
            self.made = looking.feed(first) + looking.flush()  # once over it instead of twice
        else:
            self.whole, looking = None if second else first, self.tools.masker.search()
            looking.feed(first, final=not first)
            for block in chain((second,) if second else (), content, (b"",) if first else ()):
                self.tools.tell(len(block), 0)
                looking.feed(block, final=not block)
                self.size += len(block)
                self.binary = self.binary or b"\0" in block
        return looking.hits

    def _findings(self, counts: dict[str, int]) -> tuple[tuple[Finding, ...], int]:
        searches = [(name, self.tools.by_name[name].search()) for name in counts]
        found: list[Finding] = []
        for block in chain(self._content(), (b"",)):
            for name, search in searches:
                found += (
                    self._finding(name, *places)
                    for first, _, _, *places in search.feed(block, final=not block)
                    if first
                )
            if len(found) > 2 * MOST_FINDINGS:
                break
        found.sort(key=lambda finding: (finding.line, finding.column, finding.rule))
        return tuple(found[:MOST_FINDINGS]), max(0, sum(counts.values()) - MOST_FINDINGS)

    def _finding(self, name: str, line: int, column: int, end_line: int, end_column: int) -> Finding:
        """Return a place as editors count it: the mark in front of a content is none of its characters."""
        mark = self.beginning.startswith(MARK)
        return Finding(name, line, column - (mark and line == 1), end_line, end_column - (mark and end_line == 1))

    def write(self) -> None:
        """Write what becomes of it beside it, and let the disk begin with that. Raises LeftError and OSError."""
        self._refuse()
        if writers.has_writers(self.descriptor):
            raise LeftError("is open for writing elsewhere")
        try:
            self._write(self._create())
            self.written = True
        except OSError as error:
            raise LeftError(f"cannot be replaced: {error.strerror}") from None
        finally:
            self.whole = self.made = None

    def put(self) -> None:
        """Put what was written in its place, once it is on the disk. Raises LeftError."""
        base = os.path.basename(self.path)
        try:
            os.fsync(self.target)
            self._refuse_if_changed()
            if self.name is None:
                name = temporary(base)
                os.link(f"/proc/self/fd/{self.target}", name, dst_dir_fd=self.parent, follow_symlinks=True)
                self.name = name
            os.replace(self.name, base, src_dir_fd=self.parent, dst_dir_fd=self.parent)
            self.name = None
            self._bring_what_came(self.target)
        except OSError as error:
            raise LeftError(f"cannot be replaced: {error.strerror}") from None

    def _create(self) -> int:
        """Open a new file, one that a kill leaves nothing of (O_TMPFILE of open(2)) where that can be had."""
        self.target = self._without_a_name()
        if self.target < 0:
            name = temporary(os.path.basename(self.path))
            self.target = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=self.parent)
            self.name = name
        return self.target

    def _without_a_name(self) -> int:
        if sys.platform != "linux" or not _has_proc():
            return -1
        try:
            return os.open(".", os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o600, dir_fd=self.parent)
        except OSError:
            return -1

    def _refuse(self) -> None:
        if self.binary:
            raise LeftError("is binary")
        if self.status.st_uid != os.geteuid():
            raise LeftError("belongs to another user")
        if self.status.st_nlink > 1 and not self.tools.break_links:
            raise LeftError(f"has {self.status.st_nlink} names (hard links)")
        if structure.too_large(self.path, self.size):
            raise LeftError("is JSON too large to be checked")

    def _write(self, target: int) -> None:
        self._keep(attributes.begin, target)
        plain = masked(self._content(), self.tools.masker, self.tools.replacement)
        made = plain if self.made is None else iter((self.made,))
        for block in packed.pack(encoded.encoded(made, self.encoding), self.packing):
            packed.write_all(target, block)
            self.tools.tell(0, len(block))
        if structure.is_json_like(self.path, self.beginning):
            broken = structure.broken_json(self._content(), self._content(target), self.size)
            if broken:
                raise LeftError(broken)
        self._keep(attributes.keep, target, self.status)
        writers.begin_to_disk(target)

    def _keep(self, keep: Callable[..., None], target: int, *more: object) -> None:
        try:
            keep(self.descriptor, target, *more)
        except OSError as error:
            raise LeftError(f"its attributes cannot be kept: {error.strerror}") from None

    def _refuse_if_changed(self) -> None:
        now = os.stat(os.path.basename(self.path), dir_fd=self.parent, follow_symlinks=False)
        if _identity(now) != _identity(self.status):
            raise LeftError("was changed meanwhile")
        if writers.asked_for(self.descriptor):
            raise LeftError("is open for writing elsewhere")

    def _bring_what_came(self, target: int) -> None:
        """Append what somebody appended to the old file who had opened it just before it was replaced."""
        writers.let_in(self.descriptor)
        if self.packing is not None or os.fstat(self.descriptor).st_size <= self.status.st_size:
            return
        os.lseek(self.descriptor, self.status.st_size, os.SEEK_SET)
        came = b"".join(encoded.decoded(packed.blocks(self.descriptor, None), self.encoding))
        os.lseek(target, 0, os.SEEK_END)
        for block in encoded.encoded((self.tools.masker.mask(came),), self.encoding):
            packed.write_all(target, block)


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


@functools.cache
def _has_proc() -> bool:
    """Tell whether descriptors have names, by which a file gets its own."""
    return os.path.exists("/proc/self/fd/0") or os.path.isdir("/proc/self/fd")


def masked(content: Iterable[bytes], masker: Masker, replacement: Replacement) -> Iterator[bytes]:
    """Yield the content with the replacement in place of what is hidden."""
    if replacement.is_usual:
        stream = masker.stream()
        for block in content:
            if whole := stream.feed(block):
                yield whole
        yield stream.flush()
        return
    replaced = _Replaced(masker, replacement)
    for block in chain(content, (b"",)):
        if whole := replaced.feed(block):
            yield whole


class _Replaced:
    """A content in which runs are replaced. One that may go on waits, with the sequences behind its beginning."""

    def __init__(self, masker: Masker, replacement: Replacement) -> None:
        self.search, self.replacement = masker.search(), replacement
        self.kept, self.at = b"", 0  # what is undecided, and where that begins
        self.run = bytearray()
        self.behind: list[bytes] = []
        self.out: list[bytes] = []

    def feed(self, block: bytes) -> bytes:
        """Return what is decided. An empty block ends the content."""
        self.kept += block
        start = self.at
        for first, begin, end, *_ in self.search.feed(block, final=not block):
            between = self.kept[self.at - start : begin - start]
            if first:
                self.end_run()
            (self.behind if self.run else self.out).append(between)
            self.run += self.kept[begin - start : end - start]
            self.at = end
        between = self.kept[self.at - start : self.search.decided - start]
        if not block or len(self.run) > LONGEST or (between and between[:1] != ESCAPE) or b"\n" in between:
            self.end_run()
        (self.behind if self.run else self.out).append(between)
        self.at = self.search.decided
        self.kept = self.kept[self.at - start :]
        whole = b"".join(self.out)
        self.out = []
        return whole

    def end_run(self) -> None:
        """Write what stands in place of the run, if there is one."""
        if self.run:
            self.out += [self.replacement.of(bytes(self.run)), *self.behind]
            self.run, self.behind = bytearray(), []


def by_name(rules: Iterable[Rule], values: Sequence[str] = ()) -> dict[str, Masker]:
    """Return a masker for each name of a rule, and one for known values."""
    from aigate._masker import VALUE, Masker

    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(rule.name, []).append(rule)
    if values:
        groups.setdefault(VALUE, [])
    return {name: Masker(group, values=values if name == VALUE else ()) for name, group in groups.items()}
