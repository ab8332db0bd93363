"""Who below a run has mount namespaces of its own, and whether its mounts may still be changed.

A mount namespace is a thread's, not a process's, so threads are looked at.

What is covered while a run lasts is not locked in a namespace that was made before: its owner could take it away. So
from the first late cover on, mounts in namespaces that were there at that moment stay as they are. In those that are
made later it is locked, and they may be changed again. The decision rests on who calls, never on what a pointer or a
descriptor of the caller's leads to, which he could change meanwhile. A namespace in which nobody is cannot be found, so
nobody enters one any more. Paths are taken from the working directory, the host's root.
"""

from __future__ import annotations

import fcntl
import os

from aigate import _events
from aigate.suppress import suppress
from aigate.watch.descent import children, namespace, threads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NS_GET_USERNS = 0xB701  # ioctl_nsfs(2)
CLONE_NEWNS, ALL_BITS = 0x20000, 0xFFFFFFFF  # the second argument is an int
EPERM = 1
ATTEMPTS = 100
MOST_HELD = 200  # an agent makes as many as it likes


class Gate:
    """The calls that change mounts, of everything that descends from one process.

    launcher: its process id. setns: the number of setns(2), which leads into other namespaces. modes: the numbers of
    the calls that change a mode. has_set_group: whether one of those has come, which all may.
    """

    def __init__(self, listener: int, launcher: int, setns: int, modes: frozenset[int]) -> None:
        self.listener = listener
        self._modes, self.has_set_group = modes, False
        self._launcher, self._setns = launcher, setns
        self._closed: set[int] = set()
        self._held: list[int] = []
        self._numbers: set[int] = set()  # of the namespaces that were there at a late cover
        self._is_closed = False

    def judge(self) -> None:
        """Answer the next call that waits."""
        try:
            call, process, number, argument = _events.next_call(self.listener)
        except OSError:
            return  # given up meanwhile
        if number in self._modes:
            self.has_set_group = True
            refused = False
        else:
            refused = self._is_closed and self._is_refused(process, number, argument)
        for _ in range(ATTEMPTS):  # whoever made the call waits until it is answered
            try:
                _events.answer_call(self.listener, call, EPERM if refused else 0)
            except FileNotFoundError:
                return  # given up meanwhile
            except OSError:
                continue
            return

    def _is_refused(self, process: int, number: int, argument: int) -> bool:
        if number == self._setns and _is_way_in(argument):
            return True
        try:
            return _owner(f"proc/{process}/ns/mnt") in self._closed
        except OSError:
            return True  # it cannot be told who that is

    def close(self) -> list[int]:
        """Let nobody who has a mount namespace now change its mounts; return a thread of each such namespace."""
        self._is_closed = True
        found = {}
        for thread, number in self._all():
            if number not in found:
                with suppress(OSError):  # it has ended
                    self._close_owner(f"proc/{thread}/ns/mnt")
                    found[number] = thread
        self._numbers.update(found)
        return list(found.values())

    def again(self) -> list[int]:
        """Return a thread of each namespace that was there when `close` was called, as far as there is one now."""
        return list({number: thread for thread, number in self._all() if number in self._numbers}.values())

    def _all(self) -> Iterator[tuple[int, int]]:
        """Yield the threads with a mount namespace of their own, and its number."""
        started = children(self._launcher)
        passed = {namespace(process, "mnt") for process in (self._launcher, *started)}
        for thread in threads(started):
            number = namespace(thread, "mnt")
            if number and number not in passed:
                yield thread, number

    def _close_owner(self, path: str) -> None:
        """Refuse whoever belongs to a namespace's user namespace, which is held: another one could get its number."""
        owner = _opened_owner(path)
        number = os.fstat(owner).st_ino
        if number in self._closed or len(self._held) >= MOST_HELD:
            os.close(owner)
        else:
            self._held.append(owner)
        self._closed.add(number)


def _is_way_in(kinds: int) -> bool:
    """Tell whether setns(2) with these kinds of namespaces, 0 for any, can lead into a mount namespace."""
    return not kinds & ALL_BITS or bool(kinds & CLONE_NEWNS)


def _opened_owner(path: str) -> int:
    """Return a descriptor of the user namespace that a namespace belongs to."""
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return fcntl.ioctl(opened, NS_GET_USERNS)
    finally:
        os.close(opened)


def _owner(path: str) -> int:
    """Return the number of the user namespace that a namespace belongs to."""
    owner = _opened_owner(path)
    try:
        return os.fstat(owner).st_ino
    finally:
        os.close(owner)
