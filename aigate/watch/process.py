"""The process that the watcher is, from its fork to its end."""

from __future__ import annotations

import gc
import os
from _signal import SIG_DFL, SIG_IGN, SIGHUP, SIGINT, SIGTERM, signal  # type: ignore[import-not-found]

from aigate import _linux, bundle
from aigate.errors import told
from aigate.suppress import suppress
from aigate.watch.arrival import enter
from aigate.watch.watcher import Watcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812
    from typing import NoReturn

    from aigate.watch.model import Covers, Job

HIGHEST = -20  # setpriority(2): what stands open comes before everything else that runs
SHORTEST = 100_000  # nanoseconds: the least slice that the kernel takes


def stand_apart() -> None:
    """Leave what reaches aigate's own process group, in a process that was forked to watch."""
    _linux.restore_signal_mask()
    os.setsid()
    for number in (SIGINT, SIGHUP, SIGTERM):
        signal(number, SIG_IGN)


def run(job: Job, covers: Covers, control: Socket, clerk: Socket) -> NoReturn:
    """Be the watcher until the clerk says that it is over, or is gone."""
    signal(SIGTERM, SIG_DFL)
    gc.freeze()
    with suppress(OSError):  # whoever is no root waits for his turn like others
        os.setpriority(os.PRIO_PROCESS, 0, HIGHEST)
    with suppress(OSError):  # refused by a sandbox around this one
        _linux.ask_for_short_turns(SHORTEST)
    watcher = Watcher(job, covers, clerk)
    try:
        watcher.arm()
        launcher = enter(control, covers)
        watcher.follow(control, int(launcher))
        watcher.begin()
        gc.enable()
        watcher.report_armed(launcher)
        bundle.let_go()
        watcher.serve()
    except Exception as error:  # noqa: BLE001  # nothing may escape from a forked child
        watcher.outbox.say("failed", told(error))
    finally:
        os._exit(0)
