"""What of a layer a later agent, or the user's own programs in it, would execute or obey, and what the user agreed to.

Those are the places in the home that `deny_write` names, and the directories of PATH there. Each file is agreed to for
exactly its present content, as a project's file is (`config/trust.py`). Reads the layer; changes only `accepted`.
"""

from __future__ import annotations

import os
import stat

from aigate.config.cache import digest
from aigate.layers.changes import is_removal
from aigate.policy.patterns import ANY_DEPTH, PatternSet, is_literal, segment_matcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aigate.policy.patterns import Pattern

ACCEPTED = "accepted"
LARGEST = 1 << 26  # bytes of a file that are looked at; a larger one is told by its size and time
MOST = 10_000  # files that are looked at; whatever has more is not agreed to file by file


def obeyed(upper: str, below: str, patterns: Sequence[Pattern], directories: Iterable[str]) -> list[str]:
    """Return what an upper directory holds of what would be obeyed: paths relative to it, sorted.

    below: the directory that it lies above. patterns: what must not be changed. directories: those of PATH.
    """
    matching = PatternSet(patterns)
    found: dict[str, None] = {}
    for pattern in patterns:
        if pattern.absolute and not pattern.negated:
            inner = _below(pattern.segments, below)
            for path in _expand(upper, "", inner, matching) if inner else ():
                found.update(dict.fromkeys(_files(upper, path)))
    for directory in directories:
        if directory.startswith(f"{below}/"):
            found.update(dict.fromkeys(_files(upper, directory.removeprefix(f"{below}/"))))
    taken_back = [pattern for pattern in patterns if pattern.negated and pattern.absolute]
    return sorted(path for path in found if not (taken_back and _is_free(f"{below}/{path}", matching)))[:MOST]


def unknown(directory: str, upper: str, below: str, patterns: Sequence[Pattern], path: str) -> list[str]:
    """Return what would be obeyed and was not agreed to. directory: the layer's. path: the variable PATH."""
    known = accepted(directory)
    found = obeyed(upper, below, patterns, path.split(":"))
    return [name for name in found if line_for(upper, name) not in known]


def accepted(directory: str) -> set[str]:
    """Return what was agreed to: lines of `accepted`. directory: the layer's."""
    try:
        with open(f"{directory}/{ACCEPTED}", "rb") as file:
            return set(os.fsdecode(file.read()).split("\n")) - {""}
    except FileNotFoundError:
        return set()


def accept(directory: str, lines: Iterable[str]) -> None:
    """Agree to more. lines: as `line_for` gives them."""
    text = "".join(f"{line}\n" for line in sorted({*accepted(directory), *lines}))
    path = f"{directory}/{ACCEPTED}"
    with open(os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
        file.write(os.fsencode(text))
    os.rename(f"{path}.new", path)


def line_for(upper: str, path: str) -> str:
    """Return what tells this file with its present content from any other, as a line."""
    full = f"{upper}/{path}"
    status = os.lstat(full)
    if stat.S_ISLNK(status.st_mode):
        content = os.fsencode(os.readlink(full))
    elif stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST:
        with open(os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            content = file.read(LARGEST + 1)
    else:
        content = f"{status.st_mode} {status.st_size} {status.st_mtime_ns}".encode()
    what = f"{stat.S_IFMT(status.st_mode):o} {status.st_mode & 0o111:o} ".encode()
    return f"{digest(what + content)} {path.encode('unicode_escape', 'surrogateescape').decode()}"


def _below(segments: tuple[str, ...], below: str) -> tuple[str, ...]:
    """Return the segments below a directory, () where a pattern is about something else."""
    parts = tuple(part for part in below.split("/") if part)
    return segments[len(parts) :] if segments[: len(parts)] == parts else ()


def _expand(upper: str, base: str, segments: tuple[str, ...], matching: PatternSet) -> Iterator[str]:
    """Yield the paths in an upper directory that segments stand for."""
    head, *rest = segments
    if head == ANY_DEPTH:
        yield base  # whatever is below
        return
    names = [head] if is_literal(head) else [n for n in _names(f"{upper}/{base}") if segment_matcher(head)(n)]
    for name in names:
        path = os.path.join(base, name)
        if not os.path.lexists(f"{upper}/{path}"):
            continue
        if not rest or is_removal(os.lstat(f"{upper}/{path}")):
            yield path
        elif os.path.islink(f"{upper}/{path}"):
            yield path  # where a directory may have been: it leads somewhere else
        elif os.path.isdir(f"{upper}/{path}"):
            yield from _expand(upper, path, tuple(rest), matching)


def _files(upper: str, path: str) -> Iterator[str]:
    """Yield what is at a path, and of a directory everything in it; what was removed is nothing to obey."""
    full = f"{upper}/{path}"
    try:
        status = os.lstat(full)
    except OSError:
        return
    if stat.S_ISDIR(status.st_mode):
        for name in _names(full):
            yield from _files(upper, os.path.join(path, name))
    elif not is_removal(status):
        yield path


def _is_free(path: str, matching: PatternSet) -> bool:
    decided = matching.deciding(tuple(part for part in path.split("/") if part), None, False)
    return decided is not None and decided.negated


def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []
