"""What the guard starts when aigate was killed: removes what a run leaves on disk. Knows not what that is."""

from __future__ import annotations

import os
import time

from aigate.host.gitbits import restore
from aigate.host.placeholders import Placeholders

ATTEMPTS, PAUSE_SECONDS = 20, 0.05


def sweep(state: str, group: str = "") -> None:
    """Remove a control group, and the placeholders and bits in git's index of runs that are over.

    Another run that is still going keeps its placeholders: its end removes them. A process that is just
    ending may hold the lock a moment longer, so there are a few attempts. Root works as the one whose state it is: what
    is on record there names files, and that user alone decides what it says.
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
        with Placeholders(state) as placeholders:
            if restore(state) and placeholders.unused:
                return
        time.sleep(PAUSE_SECONDS)
