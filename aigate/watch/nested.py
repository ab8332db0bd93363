"""Mount namespaces that are made inside: which calls may change mounts there, and late covers brought to them.

Owns the gate and the list of what was covered while the run lasts; decides nothing about what is covered.
"""

from __future__ import annotations

import os
import time
from select import POLLIN

from aigate.backends.seccomp import mode_numbers, setns_number
from aigate.watch.arrival import receive
from aigate.watch.gate import Gate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812
    from collections.abc import Callable
    from select import poll

    from aigate.watch.model import Covers

AGAIN_SECONDS = (0.02, 0.2, 2.0, 20.0)


class Nested:
    """What stands open in the namespaces below a run, once a late cover has come."""

    def __init__(self, covers: Covers, project: str, say: Callable[[str, str, str], None]) -> None:
        self._covers, self._project, self._say = covers, project, say
        self._control: Socket | None = None
        self._launcher = 0
        self._gate: Gate | None = None
        self._late: dict[str, bool] = {}  # what was covered while the run lasts, and whether it is hidden
        self._again: list[float] = []  # when they are looked at once more
        self._is_new = False  # one of them, since namespaces were looked at

    def follow(self, control: Socket, launcher: int) -> None:
        """Take note of where calls that change mounts will come from, and of whom they descend from."""
        self._control, self._launcher = control, launcher

    def register(self, waiting: poll) -> None:
        """Wait for the gate as well, if there is to be one."""
        if self._control is not None:
            waiting.register(self._control.fileno(), POLLIN)

    @property
    def has_set_group(self) -> bool:
        """Tell whether a program may have got the group's bit: it did, or nobody could see that."""
        return self._gate is None or self._gate.has_set_group

    def pause(self, other: int | None) -> int | None:
        """Return how many milliseconds may pass before `close` is to be called. other: what somebody else says."""
        if not self._again:
            return other
        left = max(int(1000 * (self._again[0] - time.monotonic())) + 1, 0)
        return left if other is None else min(left, other)

    def note(self, path: str, *, hidden: bool) -> None:
        """Take note of a cover that is to stand in those namespaces, too."""
        self._late[path] = hidden
        self._is_new = True

    def answer(self, ready: dict[int, int], waiting: poll) -> bool:
        """Answer a call or receive the gate, if that is what is ready; tell whether it was."""
        if self._gate is not None and self._gate.listener in ready:
            if ready[self._gate.listener] & POLLIN:
                self._gate.judge()
            else:  # nobody is left who could call
                waiting.unregister(self._gate.listener)
            return True
        if self._control is not None and self._control.fileno() in ready:
            self._receive(self._control, waiting)
            return True
        return False

    def close(self) -> None:
        """Cover what was covered just now in the namespaces that have been made inside as well, and keep it so."""
        now = time.monotonic()
        if self._gate is None and self._control is not None:
            return
        is_new = self._is_new
        if is_new:  # a call that was answered before may still be on its way, as slow as its maker likes
            self._again = [now + seconds for seconds in AGAIN_SECONDS]
        elif self._again and now >= self._again[0]:
            self._again.pop(0)
        else:
            return
        self._is_new = False
        if self._gate is None:
            self._say("ungated", self._project, "")
            return
        for process in self._gate.close() if is_new else self._gate.again():
            try:
                self._covers.cover_in(process, self._late)
            except OSError as error:
                self._say("open", f"/proc/{process}/ns/mnt", str(error))

    def _receive(self, control: Socket, waiting: poll) -> None:
        """Receive where calls that change mounts come from; nothing comes where nobody can judge them."""
        _, numbers = receive(control, 1)
        waiting.unregister(control.fileno())
        control.close()
        self._control = None
        machine = os.uname().machine
        if numbers:
            self._gate = Gate(numbers[0], self._launcher, setns_number(machine), mode_numbers(machine))
            waiting.register(numbers[0], POLLIN)
