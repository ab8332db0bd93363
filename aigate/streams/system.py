"""What the relay asks of the operating system, and how Linux answers; `aigate.streams.posix` answers elsewhere."""

from __future__ import annotations

import os
import sys
import time
from _signal import SIG_DFL, SIG_IGN, SIGCHLD, SIGPIPE, SIGXFSZ, getsignal, signal  # type: ignore[import-not-found]

from aigate.errors import EnforcementError
from aigate.isolation import ignored_by_caller
from aigate.suppress import suppress

ATTEMPTS, PAUSE_SECONDS = 100, 0.01
SHORT_TURN = 100_000  # nanoseconds, the least that the kernel takes
LETTERS = {SIGCHLD: "C", SIGPIPE: "P", SIGXFSZ: "X"}  # as native/init.c reads them
_children_ignored: list[bool] = []
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Guard(Protocol):
        """Who is told what to put right when aigate is killed: see `aigate.session.guard`."""

        life: int

        def launching(self) -> None: ...  # noqa: D102
        def watch(self, process: int) -> None: ...  # noqa: D102
        def remember(self, settings: bytes) -> None: ...  # noqa: D102
        def undo(self, text: bytes) -> None: ...  # noqa: D102

    class System(Protocol):
        """What this module asks of the operating system: see `aigate._linux` and `aigate.streams.posix`."""

        def message_pair(self) -> tuple[int, int]: ...  # noqa: D102
        def send(self, descriptor: int, message: bytes) -> None: ...  # noqa: D102
        def receive(self, descriptor: int) -> tuple[bytes, int]: ...  # noqa: D102
        def read_signal(self, descriptor: int) -> tuple[int, bool]: ...  # noqa: D102
        def stop(self, number: int, group: bool) -> None: ...  # noqa: D102
        def ask_for_short_turns(self, nanoseconds: int) -> None: ...  # noqa: D102


def linux_calls() -> System:
    """Return Linux's calls."""
    from aigate import _linux

    return _linux


def come_soon(system: System) -> None:
    """Have this thread not wait for others' turns of the processor when a key was typed or its echo comes."""
    with suppress(OSError):  # refused by a sandbox around this one
        system.ask_for_short_turns(SHORT_TURN)


def deliver(system: System, channel: int, message: bytes) -> None:
    """Send a message that somebody waits for, also where the kernel has no room for it at the moment (ENOBUFS).

    Raises EnforcementError when it stays so. Nobody is left to be told: that is fine, the end comes another way.
    """
    reason = ""
    for _ in range(ATTEMPTS):
        try:
            return system.send(channel, message)
        except (BrokenPipeError, ConnectionResetError):
            return None
        except OSError as error:
            reason = str(error.strerror)
        time.sleep(PAUSE_SECONDS)
    raise EnforcementError(f"the run was ended: the sandbox's first process could not be told what to do: {reason}")


def await_children() -> None:
    """See that children can be waited for, though the caller may ignore their ends (wait(2), SIGCHLD)."""
    if getsignal(SIGCHLD) == SIG_IGN:
        signal(SIGCHLD, SIG_DFL)
        _children_ignored.append(True)


def ignored_again() -> tuple[int, ...]:
    """Return the signals that the caller ignores and this process does not, or for reasons of its own.

    The command is to find them ignored, as it would without aigate.
    """
    return (*((SIGCHLD,) if _children_ignored else ()), *ignored_by_caller())


def ignored_as_letters() -> str:
    """Return them as process 1 of a sandbox is told."""
    return "".join(LETTERS[number] for number in ignored_again())


def exit_code_of(child: int) -> int:
    """Return how a child ended that has ended: its exit code, or a signal's number below 0; 1 where nobody tells."""
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except OSError:
        return 1


def end_of(process: int) -> int:
    """Return a descriptor that becomes readable when a process ends (pidfd_open(2))."""
    if sys.platform == "linux":
        return os.pidfd_open(process)
    raise NotImplementedError
