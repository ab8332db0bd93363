"""Locks on files (flock(2)) that are waited for, but never without end: anybody may hold one. Owns no file."""

from __future__ import annotations

import fcntl
import time

from aigate.errors import EnforcementError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS, PAUSE_SECONDS, TOLD_SECONDS = 20.0, 0.005, 1.0


def lock(descriptor: int, path: str, kind: int = fcntl.LOCK_EX, waiting: Callable[[], object] | None = None) -> None:
    """Take a lock, which others hold for moments only. path: the file's name, for people. Raises EnforcementError.

    waiting: called once, where it takes more than a moment.
    """
    begun = time.monotonic()
    while True:
        try:
            return fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - begun
            if waited > PATIENCE_SECONDS:
                break
            if waiting is not None and waited > TOLD_SECONDS:
                waiting()
                waiting = None
        except OSError as error:
            raise EnforcementError(f"{path} cannot be locked: {error.strerror}") from None
        time.sleep(PAUSE_SECONDS)
    hint = f"see who: fuser -v {path}"
    raise EnforcementError(f"{path} has been locked by another process for {PATIENCE_SECONDS:.0f} s", hint=hint)
