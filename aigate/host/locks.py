"""Locks on files (flock(2)) that are waited for, but never without end: anybody may hold one. Owns no file."""

from __future__ import annotations

import fcntl
import time

from aigate.errors import EnforcementError

PATIENCE_SECONDS, PAUSE_SECONDS = 20.0, 0.005


def lock(descriptor: int, path: str, kind: int = fcntl.LOCK_EX) -> None:
    """Take a lock, which others hold for moments only. path: the file's name, for people. Raises EnforcementError."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                break
        except OSError as error:
            raise EnforcementError(f"{path} cannot be locked: {error.strerror}") from None
        time.sleep(PAUSE_SECONDS)
    hint = f"see who: fuser -v {path}"
    raise EnforcementError(f"{path} has been locked by another process for {PATIENCE_SECONDS:.0f} s", hint=hint)
