"""Wakes aigate, which has stopped because its command did, when the command goes on or ends without aigate's doing.

Somebody else may continue the command: another process in the sandbox, or one outside that can see it. Where a shell
with job control stands above, it continues aigate; elsewhere nobody would. Owns one process, which only waits.
"""

from __future__ import annotations

import os
from _signal import SIGCONT, SIGKILL  # type: ignore[import-not-found]
from select import POLLIN, poll

from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

AGAIN_MILLISECONDS = 50


class Waker:
    """While it lasts, a report on a channel continues this process. control: the channel, of which nothing is read."""

    def __init__(self, control: int) -> None:
        self._control = control
        self._process = -1

    def __enter__(self) -> Self:
        alive, self._held = os.pipe()
        with suppress(OSError):  # then only who has stopped us can wake us
            parent = os.getpid()
            self._process = os.fork()
            if self._process == 0:
                try:
                    os.close(self._held)
                    self._wait(alive, parent)
                finally:
                    os._exit(0)
            os.setpgid(
                self._process, 0
            )  # at once: a signal for this group would be noted there, in this process's name
        os.close(alive)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._held)
        if self._process > 0:
            with suppress(OSError):
                os.kill(self._process, SIGKILL)
                os.waitpid(self._process, 0)

    def _wait(self, alive: int, parent: int) -> None:
        """Wait for a report, or for the parent's end."""
        waiting = poll()
        waiting.register(alive, 0)
        if self._control >= 0:
            waiting.register(self._control, POLLIN)
        if any(descriptor == alive for descriptor, _ in waiting.poll()):
            return
        waiting.unregister(self._control)
        while not waiting.poll(AGAIN_MILLISECONDS):  # it may be about to stop
            os.kill(parent, SIGCONT)
