"""What the guard starts when aigate was killed: takes back what a run leaves on disk, outside of its own directory."""

from __future__ import annotations

import os
import sys
import time

from aigate.host.gitbits import restore

ATTEMPTS, PAUSE_SECONDS = 20, 0.05


def sweep(state: str, group: str = "") -> None:
    """Remove a control group, and the bits in git's index of runs that are over; on macOS directories, too.

    Another run that is still going keeps what it needs: its end takes it back. A process that is just ending may hold
    a lock a moment longer, so there are a few attempts. Root works as the one whose state it is: what is on record
    there names files, and that user alone decides what it says.
    """
    if group:
        from aigate.host.confine import remove

        remove(group)
    if os.geteuid() == 0:
        owner = os.lstat(state)  # of a link, should somebody have put one there: never somebody else than who could
        os.setgroups([owner.st_gid])
        os.setegid(owner.st_gid)
        os.seteuid(owner.st_uid)
    for _ in range(ATTEMPTS):
        if _is_clean(state):
            return
        time.sleep(PAUSE_SECONDS)


def _is_clean(state: str) -> bool:
    """Take back what is on record, and tell whether nothing is left. On Linux there are no placeholders."""
    if sys.platform == "linux":
        return restore(state)
    from aigate.host.placeholders import Placeholders

    with Placeholders(state) as placeholders:
        return restore(state) and placeholders.unused
