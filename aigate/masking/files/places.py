"""Which files are meant: names as they were typed, and what lies below directories. Opens and follows nothing."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TEMPORARY = ".aigate-"  # stands in the name of a file that is being written
DIGITS = 12
LONGEST = 200  # bytes of the other name that it holds, of 255
STDIN = "-"


def places(paths: Iterable[str], left: Callable[[str, str], None]) -> Iterator[str]:
    """Yield the regular files, each directory's in order, and `-` for standard input.

    left: is told a path that is none of these, and why.
    Links and special files that a directory holds are passed over, as are files that a killed run was just writing.
    What is named twice, or lies below a directory that is named, too, comes once.
    """
    named: set[str] = set()  # as the kernel knows them
    for path in paths:
        real = path if path == STDIN else os.path.realpath(path)
        if path != STDIN and os.path.islink(path):
            left(path, "is a symbolic link")
        elif real in named or any(parent in named for parent in _parents(real)):
            continue
        elif path == STDIN or os.path.isfile(path):
            named.add(real)
            yield path
        elif os.path.isdir(path):
            yield from _below(path, left, named)
            named.add(real)
        else:
            left(path, "is no file" if os.path.lexists(path) else "does not exist")


def _parents(path: str) -> Iterator[str]:
    while (parent := os.path.dirname(path)) != path:
        yield parent
        path = parent


def _below(directory: str, left: Callable[[str, str], None], named: set[str]) -> Iterator[str]:
    """Yield what lies below a directory, but for what is named already."""
    before, behind = os.path.realpath(directory), len(directory.rstrip("/"))
    waiting = [directory]
    while waiting:
        at = waiting.pop()
        if named and before + at.rstrip("/")[behind:] in named:
            continue
        try:
            with os.scandir(at) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            left(at, f"cannot be read: {error.strerror}")
            continue
        waiting += [entry.path for entry in reversed(found) if entry.is_dir(follow_symlinks=False)]
        for entry in found:
            if named and before + entry.path[behind:] in named:
                continue
            if entry.is_file(follow_symlinks=False) and not is_temporary(entry.name):
                yield entry.path


def temporary(name: str) -> str:
    """Return a new name for a file that is being written, to be put in place of another one."""
    return f".{os.fsdecode(os.fsencode(name)[:LONGEST])}{TEMPORARY}{os.urandom(DIGITS // 2).hex()}"


def is_temporary(name: str) -> bool:
    """Tell whether a name is one of these."""
    digits = name[-DIGITS:]
    mark = name[:-DIGITS].endswith(TEMPORARY)
    return name.startswith(".") and mark and not digits.strip("0123456789abcdef")
