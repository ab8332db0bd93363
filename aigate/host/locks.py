"""Locks on files (flock(2)) that are waited for, but never without end: anybody may hold one. Owns no file."""

from __future__ import annotations

import fcntl
import os
import time

from aigate.errors import EnforcementError, remedy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS, PAUSE_SECONDS, TOLD_SECONDS = 20.0, 0.005, 1.0


def open_lock(path: str) -> int:
    """Return the descriptor of a file that is there to be locked, made if need be. Raises EnforcementError."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        hint = remedy(error) or "move it away; aigate makes a new one"
        raise EnforcementError(f"{path} cannot be locked: {error.strerror}", hint=hint) from None


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
