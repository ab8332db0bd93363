"""Descriptors that a forked process does not need: closed, so that nobody waits for it to let go. Opens nothing."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

FIRST_FREE_DESCRIPTOR = 3
MOST_DESCRIPTORS = 1 << 16  # where no system call closes a range (macOS), one call is made for each


def close_all_but(kept: Iterable[int], most: int | None = None) -> None:
    """Close everything above the standard streams but some. most: as far as is looked, or the limit on open files."""
    last = FIRST_FREE_DESCRIPTOR
    for descriptor in sorted(set(kept)):
        os.closerange(last, descriptor)
        last = max(last, descriptor + 1)
    limit = os.sysconf("SC_OPEN_MAX")
    os.closerange(last, limit if most is None else min(limit, most))
