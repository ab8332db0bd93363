"""Which files are meant: names as they were typed, and what lies below directories. Opens and follows nothing."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TEMPORARY = ".aigate-"  # stands in the name of a file that is being written


def places(paths: Iterable[str], left: Callable[[str, str], None]) -> Iterator[str]:
    """Yield the regular files, each directory's in order. left: is told a path that is none of both, and why.

    Links and special files that a directory holds are passed over, as are files that a killed run was just writing.
    """
    for path in paths:
        if os.path.islink(path):
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
            entry.path for entry in found if entry.is_file(follow_symlinks=False) and TEMPORARY not in entry.name
        )
