"""Stands between aigate and the command where there is no process namespace: starts it, reports on it, ends the rest.

A forked child of aigate that leads a session of its own, with the command in a process group below it, as
aigate/native/init.c does inside of a Linux sandbox; the orders and reports are those that init.c describes. It stays
outside of the sandbox, whose processes may not signal it. Decides nothing.

What has left the session (setsid(2)) is out of its sight: nothing on such a system holds on to it.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal

from aigate.isolation import bring_umask_back
from aigate.reading import read_from
from aigate.record import record
from aigate.streams import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

NOT_FOUND, NOT_EXECUTABLE, BY_SIGNAL = 127, 126, 128
IGNORED = (
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTSTP,
    signal.SIGTTIN,
    signal.SIGTTOU,
    signal.SIGHUP,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
)
DEFAULT_IN_COMMAND = (*IGNORED, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)
LISTING = ("/bin/ps", "-A", "-o", "pid=", "-o", "uid=")
ROUNDS = 5  # of ending what is left: what is just being forked may be missed once


@record
class Command:
    """What to start. argv: the launcher with the command behind it. closed: standard descriptors to be closed for it.

    ignored: signals that aigate's caller ignores, and the command, too. processes: of this user there may be so many
    more than there are now, or None.
    """

    argv: tuple[str, ...]
    environment: dict[str, str]
    closed: tuple[int, ...] = ()
    ignored: tuple[int, ...] = ()
    processes: int | None = None


class Keeper:
    """The process itself.

    control: the stream to aigate. terminal: the command's pseudo-terminal, or -1. abandoned: what to do when aigate has
    gone without a word.
    """

    def __init__(self, control: int, terminal: int, command: Command, abandoned: Callable[[], None]) -> None:
        """Start nothing yet. The calling process leads its session, and `terminal` is that session's."""
        self._control, self._terminal = control, terminal
        self._command, self._abandoned = command, abandoned
        self._process = self._pushed_back = 0

    def serve(self) -> NoReturn:
        """Report, wait for the order to start, and obey until the command has ended; never returns."""
        for number in IGNORED:
            signal.signal(number, signal.SIG_IGN)
        children = posix.signal_descriptor((signal.SIGCHLD,))
        os.write(self._control, b"R\0")
        order = self._next_order()
        while order[:1] not in (b"F", b"B"):
            order = self._next_order()
        self._start(foreground=order[:1] == b"F")
        while True:
            ready, _, _ = select.select([self._control, children], [], [])
            if children in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(children, 1 << 10)
                self._collect()
            if self._control in ready:
                self._obey(self._next_order())

    def _next_order(self) -> bytes:
        try:
            order = os.read(self._control, posix.MESSAGE)
        except OSError:
            order = b""
        if len(order) != posix.MESSAGE:
            self._end()
            self._abandoned()
            os._exit(BY_SIGNAL + signal.SIGKILL)
        return order

    def _start(self, *, foreground: bool) -> None:
        self._process = os.fork()
        group = self._process or os.getpid()
        with contextlib.suppress(OSError):  # parent and child both: whoever comes first
            os.setpgid(group, group)
        if foreground:
            self._give_terminal(group)
        if not self._process:
            self._become()

    def _become(self) -> NoReturn:
        """Become the launcher, in the forked child."""
        try:
            posix.forget_signals()
            for number in DEFAULT_IN_COMMAND:
                signal.signal(number, signal.SIG_IGN if number in self._command.ignored else signal.SIG_DFL)
            for descriptor in self._command.closed:
                os.close(descriptor)
            if self._command.processes is not None:
                _limit_processes(self._command.processes)
            argv = self._command.argv
            bring_umask_back()
            os.execve(argv[0], argv, self._command.environment)
        except OSError as error:
            os.write(2, f"aigate: {self._command.argv[0]} cannot be started: {error.strerror}\n".encode())
            os._exit(NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE)
        finally:
            os._exit(NOT_EXECUTABLE)

    def _give_terminal(self, group: int) -> bool:
        if self._terminal < 0:
            return True
        try:
            os.tcsetpgrp(self._terminal, group)
        except OSError:
            return False
        return True

    def _foreground_group(self) -> int:
        if self._terminal >= 0:
            with contextlib.suppress(OSError):
                group = os.tcgetpgrp(self._terminal)
                if group > 1 and group != os.getpgrp():
                    return group
        return self._process

    def _obey(self, order: bytes) -> None:
        group = self._foreground_group()
        if order[:1] == b"F":
            group, self._pushed_back = self._pushed_back or group, 0
            if not self._give_terminal(group):
                group = self._process
                self._give_terminal(group)
            _signal_group(group, signal.SIGCONT)
        elif order[:1] == b"B":
            self._pushed_back = self._pushed_back or group
            self._give_terminal(os.getpgrp())
            _signal_group(group, signal.SIGCONT)
        elif order[:1] == b"P":
            with contextlib.suppress(OSError):
                os.kill(self._process, order[1])
        elif order[:1] == b"G":
            _signal_group(group, order[1])

    def _collect(self) -> None:
        """Take note of children that have changed."""
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return
            if not child:
                return
            if child != self._process:
                continue
            if os.WIFSTOPPED(status):
                self._report(b"S", os.WSTOPSIG(status))
            else:
                self._ended(os.waitstatus_to_exitcode(status))

    def _ended(self, code: int) -> NoReturn:
        self._end()
        if code < 0:
            self._report(b"K", -code)
        else:
            self._report(b"X", code)
        os._exit(code if code >= 0 else BY_SIGNAL - code)

    def _report(self, what: bytes, value: int) -> None:
        with contextlib.suppress(OSError):
            os.write(self._control, what + bytes((value,)))

    def _end(self) -> None:
        """End everything that is left in the session."""
        if not self._process:
            return
        _signal_group(self._process, signal.SIGKILL)
        for _ in range(ROUNDS):
            left = session_members(os.getpid())
            if not left:
                return
            for process in left:
                with contextlib.suppress(OSError):
                    os.kill(process, signal.SIGKILL)


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(group, number)


def _listed() -> list[tuple[int, int]]:
    """Return all processes, but that of the listing itself: (process id, user id)."""
    reader, writer = os.pipe()
    lister = os.posix_spawn(
        LISTING[0], LISTING, {"PATH": "/bin:/usr/bin"}, file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1)]
    )
    os.close(writer)
    with open(reader, "rb") as pipe:
        lines = [line.split() for line in read_from(pipe).splitlines()]
    with contextlib.suppress(ChildProcessError):
        os.waitpid(lister, 0)
    return [(int(process), int(user)) for process, user in lines if int(process) != lister]


def session_members(session: int) -> list[int]:
    """Return the other processes of a session that have not ended yet."""
    found = []
    for process, _ in _listed():
        with contextlib.suppress(OSError):
            if process != session and os.getsid(process) == session and not _is_collected(process):
                found.append(process)
    return found


def _is_collected(process: int) -> bool:
    """Tell whether a process was a child that has ended; it is taken off the list then."""
    try:
        return os.waitpid(process, os.WNOHANG)[0] == process
    except ChildProcessError:
        return False


def _limit_processes(more: int) -> None:
    """Let this user have so many processes more than there are now (setrlimit(2): all of the user's are counted)."""
    from aigate.host.rlimits import PROCESSES, UNLIMITED, limits_of, set_limits

    own = sum(user == os.getuid() for _, user in _listed())
    hard = limits_of(PROCESSES)[1]
    wanted = own + more if hard == UNLIMITED else min(own + more, hard)
    set_limits(PROCESSES, (wanted, wanted))
