"""The lock of those who write the audit log: one at a time, over processes, forks and threads. Owns no file.

A record lock (fcntl(2), F_SETLK) is a process's own, where flock(2) would be shared by the processes that a run forks;
for the threads of one process there is a lock of Python's besides.
"""

from __future__ import annotations

import fcntl
import os
import time
from _thread import allocate_lock

from aigate.errors import EnforcementError
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType

PATIENCE_SECONDS, PAUSE_SECONDS = 20.0, 0.002
_LOCKS: dict[int, LockType] = {}  # by process: a forked one may have come to be while a thread held its parent's


def locked(descriptor: int, path: str) -> LockType:
    """Take the lock on a file and return what `unlock` takes. path: of the log, for people. Raises EnforcementError."""
    threads = _LOCKS.setdefault(os.getpid(), allocate_lock())
    threads.acquire()
    try:
        _lock(descriptor, path)
    except BaseException:
        threads.release()
        raise
    return threads


def unlock(threads: LockType, descriptor: int) -> None:
    """Let it go."""
    try:
        with suppress(OSError):
            fcntl.lockf(descriptor, fcntl.LOCK_UN)
    finally:
        threads.release()


def _lock(descriptor: int, path: str) -> None:
    begun = time.monotonic()
    while True:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):  # fcntl(2): either, by system
            if time.monotonic() - begun > PATIENCE_SECONDS:
                break
        except OSError as error:
            raise EnforcementError(f"the audit log {path} cannot be locked: {error.strerror}") from None
        else:
            return
        time.sleep(PAUSE_SECONDS)
    raise EnforcementError(
        f"the audit log {path} has been locked by another process for {PATIENCE_SECONDS:.0f} s",
        hint=f"see who: fuser -v {os.path.dirname(path)}/audit.head",
    )
