"""Waiting for descriptors where others rely on it: what the kernel has no memory for at the moment is asked again."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from select import poll

ATTEMPTS, PAUSE_SECONDS = 100, 0.01


def ready(waiting: poll, milliseconds: float | None) -> list[tuple[int, int]]:
    """Return what is ready, as (descriptor, events). milliseconds: to wait at most, None for ever. Raises OSError."""
    for _ in range(ATTEMPTS):
        try:
            return waiting.poll(milliseconds)
        except OSError:
            time.sleep(PAUSE_SECONDS)
    return waiting.poll(milliseconds)
