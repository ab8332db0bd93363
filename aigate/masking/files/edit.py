"""One file: what would be hidden in it, and its masked content in its place. Owns no choice of files and no report."""

from __future__ import annotations

import functools
import os
import stat
import sys
from itertools import chain

from aigate.masking.files import attributes, encoded, packed, structure, writers
from aigate.masking.files.outcome import Finding, Outcome
from aigate.masking.files.places import STDIN, temporary
from aigate.masking.files.replacement import LONGEST, Replacement
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from aigate._masker import Masker, Search, Stream
    from aigate.masking.files.work import Turns
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

    by_name: a masker for each name of a rule, asked for where each finding's rule is told. turns: who may be at work.
    tell: is told how many bytes were read, and how many written, while that goes on; raises LeftError to end it.
    """

    masker: Masker
    by_name: dict[str, Masker]
    replacement: Replacement
    changes: bool
    detailed: bool
    break_links: bool
    turns: Turns
    tell: Callable[[int, int], None]


def look_after(path: str, tools: Tools) -> Outcome:
    """Look at a file, and mask it where that is asked for. Raises AigateError for what is no matter of one file."""
    with tools.turns:
        return _looked_after(path, tools)


def _looked_after(path: str, tools: Tools) -> Outcome:
    try:
        if path == STDIN:
            return _of_stdin(tools)
        parent = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            descriptor = os.open(os.path.basename(path), FLAGS, dir_fd=parent)
            try:
                return _File(path, descriptor, parent, tools).outcome()
            finally:
                with tools.turns.aside():  # a file that was replaced is freed now
                    os.close(descriptor)
        finally:
            os.close(parent)
    except (LeftError, packed.DamagedError) as error:
        return Outcome(path, left=str(error))
    except OSError as error:
        return Outcome(path, left=f"{error.strerror}")


def _of_stdin(tools: Tools) -> Outcome:
    """Look at standard input, kept in a file without a name, since what is found is looked for twice."""
    import tempfile

    with tempfile.TemporaryFile() as kept:
        for block in packed.blocks(0, None):
            kept.write(block)
        kept.flush()
        return _File(STDIN, kept.fileno(), -1, tools).outcome()


class _File:
    """A file that is open, and what was seen of it."""

    def __init__(self, path: str, descriptor: int, parent: int, tools: Tools) -> None:
        self.path, self.descriptor, self.parent, self.tools = path, descriptor, parent, tools
        self.status = os.fstat(descriptor)
        if not stat.S_ISREG(self.status.st_mode):
            raise LeftError("is no regular file")
        self.beginning = os.pread(descriptor, 512, 0)
        self.packing = packed.kind(path, self.beginning)
        self.whole: bytes | None = None  # a content of one block, once it was read
        self.made: bytes | None = None  # what becomes of that, where it was masked while it was looked at
        self.encoding: str | None = None
        self.encoding = encoded.encoding(self.beginning if self.packing is None else next(self._content(), b""))
        self.binary = False
        self.size = 0

    def outcome(self) -> Outcome:
        counts = self._counts()
        if not counts:
            return Outcome(self.path, size=self.size)
        findings, more = self._findings(counts) if self.tools.detailed else ((), 0)
        left = None
        if self.tools.changes:
            try:
                self._replace()
            except LeftError as error:
                left = str(error)
            except OSError as error:
                left = f"cannot be replaced: {error.strerror}"
        return Outcome(self.path, self.size, counts, findings, more, left, changed=self.tools.changes and left is None)

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
        first, second = next(content, b""), next(content, b"")
        self.beginning, self.size = first[:512], len(first)
        self.tools.tell(len(first), 0)
        self.binary = b"\0" in first or structure.is_binary(first)
        looking: Stream | Search
        if not second and self.tools.changes and self.tools.replacement == Replacement():
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
        return {name: count for name, count in looking.counts.items() if count}

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

    def _replace(self) -> None:
        self._refuse()
        if writers.has_writers(self.descriptor):
            raise LeftError("is open for writing elsewhere")
        name = temporary(os.path.basename(self.path))
        target = self._without_a_name()
        named = target is None
        if target is None:
            target = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=self.parent)
        try:
            try:
                self._write(target)
                if not named:
                    os.link(f"/proc/self/fd/{target}", name, dst_dir_fd=self.parent, follow_symlinks=True)
                    named = True
                os.replace(name, os.path.basename(self.path), src_dir_fd=self.parent, dst_dir_fd=self.parent)
            except BaseException:
                if named:
                    os.unlink(name, dir_fd=self.parent)
                raise
            self._bring_what_came(target)
        except BaseException:
            writers.let_in(self.descriptor)
            raise
        finally:
            os.close(target)

    def _without_a_name(self) -> int | None:
        """Open a new file that a kill leaves nothing of (O_TMPFILE of open(2)); None where that cannot be had."""
        if sys.platform != "linux":
            return None
        try:
            target = os.open(".", os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o600, dir_fd=self.parent)
        except OSError:
            return None
        if _has_proc():
            return target
        os.close(target)
        return None

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
        with self.tools.turns.aside():
            os.fsync(target)
        self._refuse_if_changed()

    def _keep(self, keep: Callable[..., None], target: int, *more: object) -> None:
        try:
            keep(self.descriptor, target, *more)
        except OSError as error:
            raise LeftError(f"its attributes cannot be kept: {error.strerror}") from None

    def _refuse_if_changed(self) -> None:
        now = os.fstat(self.descriptor)
        there = os.stat(os.path.basename(self.path), dir_fd=self.parent, follow_symlinks=False)
        same = (there.st_dev, there.st_ino) == (now.st_dev, now.st_ino)
        if not same or (now.st_size, now.st_mtime_ns) != (self.status.st_size, self.status.st_mtime_ns):
            raise LeftError("was changed meanwhile")
        if writers.asked_for(self.descriptor):
            raise LeftError("is open for writing elsewhere")

    def _bring_what_came(self, target: int) -> None:
        """Append what somebody appended to the old file who had opened it just before it was replaced."""
        writers.let_in(self.descriptor)
        os.lseek(self.descriptor, self.status.st_size, os.SEEK_SET)
        came = b"".join(encoded.decoded(packed.blocks(self.descriptor, None), self.encoding))
        if came and self.packing is None:
            os.lseek(target, 0, os.SEEK_END)
            for block in encoded.encoded((self.tools.masker.mask(came),), self.encoding):
                packed.write_all(target, block)


@functools.cache
def _has_proc() -> bool:
    """Tell whether descriptors have names, by which a file gets its own."""
    return os.path.exists("/proc/self/fd/0") or os.path.isdir("/proc/self/fd")


def masked(content: Iterable[bytes], masker: Masker, replacement: Replacement) -> Iterator[bytes]:
    """Yield the content with the replacement in place of what is hidden."""
    if replacement.key is None and replacement.text == b"***":
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
