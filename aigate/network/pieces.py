"""What came on a connection and has not passed yet, of a protocol that is made of units with a length. Decides nothing.

A unit that need not be looked into passes as it comes; of the others its reader takes as much as it needs.
"""

from __future__ import annotations


class Pieces:
    """The bytes that are held, and how many of the next ones belong to a unit that passes unseen.

    A reader of one protocol says what a unit is: `_unit` takes the next one from what is held and returns what of it
    passes now, and sets `_passing` to how much of it may follow without a look.
    """

    done = over = waiting = False

    def __init__(self) -> None:
        """Begin with nothing."""
        self._held = b""
        self._passing = 0

    def answered(self, _beginning: bytes) -> bytes:
        """Pass nothing: no answer is waited for."""
        return b""

    def _take(self, count: int) -> bytes:
        taken, self._held = self._held[:count], self._held[count:]
        return taken

    def _part(self) -> bytes:
        """Take the next unit, or as much of one as is there and may pass; empty when there is nothing to take."""
        if not self._passing:
            return self._unit()
        part = self._take(self._passing)
        self._passing -= len(part)
        return part

    def _unit(self) -> bytes:
        raise NotImplementedError
