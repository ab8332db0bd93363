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
    """
    for path in paths:
        if path == STDIN:
            yield path
        elif os.path.islink(path):
            left(path, "is a symbolic link")
        elif os.path.isdir(path):
            yield from _below(path, left)
        elif os.path.isfile(path):
            yield path
        else:
            left(path, "is no file" if os.path.lexists(path) else "does not exist")


def _below(directory: str, left: Callable[[str, str], None]) -> Iterator[str]:
    waiting = [directory]
    while waiting:
        at = waiting.pop()
        try:
            with os.scandir(at) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            left(at, f"cannot be read: {error.strerror}")
            continue
        waiting += [entry.path for entry in reversed(found) if entry.is_dir(follow_symlinks=False)]
        yield from (
            entry.path for entry in found if entry.is_file(follow_symlinks=False) and not is_temporary(entry.name)
        )


def temporary(name: str) -> str:
    """Return a new name for a file that is being written, to be put in place of another one."""
    return f".{os.fsdecode(os.fsencode(name)[:LONGEST])}{TEMPORARY}{os.urandom(DIGITS // 2).hex()}"


def is_temporary(name: str) -> bool:
    """Tell whether a name is one of these."""
    digits = name[-DIGITS:]
    mark = name[:-DIGITS].endswith(TEMPORARY)
    return name.startswith(".") and mark and not digits.strip("0123456789abcdef")
