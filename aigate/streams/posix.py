"""What `aigate._linux` offers, by the means that every POSIX system has: messages, signals, stopping, waiting.

A message here is two bytes, what and value. Owns the signal handlers that it sets; knows nothing of what passes.
"""

from __future__ import annotations

import os
import select
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType
    from typing import Any

MESSAGE = 2
FROM_KEYS = frozenset((signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGHUP))
SIGNALS_READ = 1
_before: dict[int, Any] = {}


def message_pair() -> tuple[int, int]:
    """Return the two ends of a stream, both closed on exec; the first one never waits."""
    import socket

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    ours.setblocking(False)
    return ours.detach(), theirs.detach()


def send(descriptor: int, message: bytes) -> None:
    """Send one message. Raises OSError when nobody reads."""
    os.write(descriptor, message)


def receive(descriptor: int) -> tuple[bytes, int]:
    """Return the next message, b"" when the other end is closed. There is no sender to be told: 0.

    Raises BlockingIOError when there is none.
    """
    return os.read(descriptor, MESSAGE), 0


def signal_descriptor(signals: Iterable[int]) -> int:
    """Return a descriptor from which the numbers of signals can be read; they do nothing else any more.

    A signal that is ignored stays so. For the main thread. Raises ValueError elsewhere.
    """
    reader, writer = os.pipe()
    for descriptor in (reader, writer):
        os.set_blocking(descriptor, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in signals:
        if signal.getsignal(number) != signal.SIG_IGN:
            _before[number] = signal.signal(number, _noted)
    return reader


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the number is in the pipe by now."""


def forget_signals() -> None:
    """Give every signal its former meaning back: for a forked child, and at the end."""
    writer = signal.set_wakeup_fd(-1)
    if writer >= 0:
        os.close(writer)
    while _before:
        signal.signal(*_before.popitem())


def read_signal(descriptor: int) -> tuple[int, bool]:
    """Return the next signal, and whether a key or the terminal can have been its sender; nothing tells for sure here.

    Raises BlockingIOError when there is none.
    """
    number = os.read(descriptor, SIGNALS_READ)[0]
    return number, number in FROM_KEYS


def stop(number: int, group: bool) -> None:
    """Stop this process, or its whole group, with a stop signal; return when continued."""
    before = signal.signal(number, signal.SIG_DFL) if number != signal.SIGSTOP else None
    try:
        os.kill(0 if group else os.getpid(), number)
    finally:
        if before is not None:
            signal.signal(number, before)


def ask_for_short_turns(nanoseconds: int) -> None:
    """Ask for nothing: that is Linux's."""


class Waiting:
    """What `select.epoll` does, by poll(2); by select(2) where a terminal is among them, which macOS does not poll.

    The events are those of poll(2), whose values epoll(7) has too.
    """

    def __init__(self) -> None:
        """Wait for nothing."""
        self._poll = select.poll()
        self._events: dict[int, int] = {}
        self._terminals: set[int] = set()

    def register(self, fd: int, eventmask: int) -> None:
        """Wait for a descriptor. Raises FileExistsError for one that is waited for."""
        if fd in self._events:
            raise FileExistsError(fd)
        if os.isatty(fd):
            self._terminals.add(fd)
        self.modify(fd, eventmask)

    def modify(self, fd: int, eventmask: int) -> None:
        """Wait for something else of a descriptor than before."""
        self._events[fd] = eventmask
        self._poll.register(fd, eventmask)

    def unregister(self, fd: int) -> None:
        """Wait for it no more. Raises KeyError if nobody did."""
        del self._events[fd]
        self._terminals.discard(fd)
        self._poll.unregister(fd)

    def poll(self, timeout: float) -> list[tuple[int, int]]:
        """Return what is ready, as (descriptor, events). timeout: seconds, less than 0 for ever."""
        if not self._terminals:
            return self._poll.poll(None if timeout < 0 else timeout * 1000)
        reading = [fd for fd, events in self._events.items() if events & select.POLLIN]
        writing = [fd for fd, events in self._events.items() if events & select.POLLOUT]
        readable, writable, _ = select.select(reading, writing, [], None if timeout < 0 else timeout)
        found: dict[int, int] = dict.fromkeys(readable, select.POLLIN)
        for fd in writable:
            found[fd] = found.get(fd, 0) | select.POLLOUT
        return list(found.items())

    def fileno(self) -> int:
        """There is no descriptor behind it."""
        return -1

    def close(self) -> None:
        """Wait for nothing any more."""
        self._events.clear()
