"""Files that are masked together, so that the disk is waited for once. Owns what is open, not what becomes of it."""

from __future__ import annotations

import os

from aigate.masking.files import packed
from aigate.masking.files.edit import FLAGS, File, LeftError
from aigate.masking.files.outcome import Outcome
from aigate.masking.files.places import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from aigate.masking.files.edit import Tools

PENDING = Outcome("")
LEAVING = (LeftError, packed.DamagedError, OSError)


def look_after(paths: Iterable[str], tools: Tools) -> list[Outcome]:
    """Look at some files, and mask them where that is asked for; the disk is waited for once for all of them.

    Raises AigateError for what is no matter of one file.
    """
    batch = _Batch(tools)
    try:
        for path in paths:
            batch.take(path)
        batch.settle()
    finally:
        batch.close()
    return batch.outcomes


class _Batch:
    """Files at work together: each is looked at and written beside, then all are put in place.

    A writer who wants to open one waits meanwhile (see writers.py), so a large file has none before it.
    """

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self.outcomes: list[Outcome] = []
        self.waiting: list[tuple[int, File]] = []  # with the place of its outcome
        self.parents: dict[str, int] = {}

    def take(self, path: str) -> None:
        """Look at a file, and write what becomes of it."""
        try:
            file = self._opened(path)
        except OSError as error:
            self.outcomes.append(Outcome(path, left=error.strerror))
            return
        if file.status.st_size > packed.BLOCK:
            self.settle()
        self.waiting.append((len(self.outcomes), file))
        left = None
        try:
            file.look()
            if file.counts and self.tools.changes:
                file.write()
        except LEAVING as error:
            left = _reason(error)
        if left is None and file.written:
            self.outcomes.append(PENDING)
            return
        self.outcomes.append(file.outcome(left))
        file.close()
        self.waiting.pop()

    def _opened(self, path: str) -> File:
        if path == STDIN:
            return File(STDIN, _kept_stdin(), -1, self.tools)
        name = os.path.dirname(path) or "."
        parent = self.parents.get(name)
        if parent is None:
            parent = self.parents[name] = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return File(path, os.open(os.path.basename(path), FLAGS, dir_fd=parent), parent, self.tools)

    def settle(self) -> None:
        """Put in place what was written."""
        while self.waiting:
            index, file = self.waiting.pop(0)
            try:
                file.put()
                left = None
            except LEAVING as error:
                left = _reason(error)
            finally:
                file.close()
            self.outcomes[index] = file.outcome(left, changed=left is None)

    def close(self) -> None:
        """Give up what is open."""
        for _, file in self.waiting:
            file.close()
        for parent in self.parents.values():
            os.close(parent)


def _reason(error: Exception) -> str:
    return str(error.strerror) if isinstance(error, OSError) else str(error)


def _kept_stdin() -> int:
    """Return a file without a name that holds standard input, since what is found is looked for twice."""
    import tempfile

    with tempfile.TemporaryFile() as kept:
        for block in packed.blocks(0, None):
            kept.write(block)
        kept.flush()
        kept.seek(0)
        return os.dup(kept.fileno())
