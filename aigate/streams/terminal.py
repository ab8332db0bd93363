"""The user's terminal, the command's pseudo-terminal, and which of the standard streams are terminals at all.

Owns settings, sizes and screen modes. Moves no output: `aigate.streams.relay` does.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import sys

from aigate.record import record
from aigate.streams.permits import Permits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from aigate.streams.questions import Questions

STANDARD = (0, 1, 2)
FLAGS, CONTROL, INPUT, LOCAL = 2, 6, 0, 3  # indices in what termios.tcgetattr returns
SETTINGS_SIZE = 64  # bytes, at least a struct termios of asm/termbits.h
SIZE_BYTES = 8  # struct winsize of ioctl_tty(2)


@record
class Streams:
    """What the standard descriptors are: numbers of those that are terminals, and of those that were closed.

    merged: stdout and stderr are one and the same file, so that one stream keeps their order.
    """

    terminals: tuple[int, ...]
    closed: tuple[int, ...]
    merged: bool

    @property
    def interactive(self) -> bool:
        """Tell whether keyboard and screen are both the command's; else other programs may share the terminal."""
        return 0 in self.terminals and 1 in self.terminals


def look() -> Streams:
    """Look at descriptors 0, 1 and 2, and put /dev/null where one is closed, so that nothing else gets its number."""
    closed = tuple(number for number in STANDARD if not _is_open(number))
    for number in closed:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest free number is just this one
        assert _is_open(number)  # noqa: S101 -- nothing else runs yet
    terminals = tuple(number for number in STANDARD if os.isatty(number))
    output, errors = os.fstat(1), os.fstat(2)
    merged = (
        not {1, 2} & {*terminals, *closed}
        and (output.st_dev, output.st_ino) == (errors.st_dev, errors.st_ino)
        and not stat.S_ISCHR(output.st_mode)
    )
    return Streams(terminals, closed, merged)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        return False
    return True


class Terminal:
    """The terminal that aigate itself was started on.

    Read and written through descriptions of its own, which are non-blocking, so that the caller's stay as they are.
    permits: what a run may do with it. taken: by kind, how much of its output was taken out for that, known at the end.
    on_reveal: called before what is masked is shown to who asks for it.
    questions: what the user is asked on the last row, which the command's pseudo-terminal does not have then; or None.
    """

    on_reveal: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, streams: Streams, permits: Permits = Permits()) -> None:  # noqa: B008 -- frozen
        self.permits, self.taken = permits, dict[str, int]()
        self.questions: Questions | None = None
        self.input = _reopened(streams.terminals[0])
        self.output = _reopened(next((number for number in streams.terminals if number), 0))
        self.is_raw = self._is_shared = False
        self._is_ours = streams.interactive
        import termios

        self._termios = termios
        self._settings = termios.tcgetattr(self.input)

    def make_pseudo_terminal(self) -> tuple[int, int]:
        """Return (our end, the command's end) of a new pseudo-terminal with this one's settings and size (pty(7))."""
        ours, theirs = os.openpty()
        os.set_blocking(ours, False)
        self.copy_settings(ours)
        self.copy_size(ours)
        return ours, theirs

    def settings_bytes(self) -> bytes:
        """Return the settings as Linux holds them (TCGETS, ioctl_tty(2)), for the guard. OSError when it is gone."""
        if sys.platform != "linux":
            return b""
        return fcntl.ioctl(self.input, self._termios.TCGETS, bytes(SETTINGS_SIZE))

    def copy_settings(self, pseudo: int) -> None:
        """Give the pseudo-terminal the settings that this terminal had when it was last not raw."""
        self._termios.tcsetattr(pseudo, self._termios.TCSANOW, self._settings)

    def copy_size(self, pseudo: int) -> bool:
        """Give the pseudo-terminal this one's window size; the kernel tells the programs on it. Tell if it changed."""
        tiocgwinsz, tiocswinsz = self._termios.TIOCGWINSZ, self._termios.TIOCSWINSZ
        try:
            size = self._left_for_command(fcntl.ioctl(self.output, tiocgwinsz, bytes(SIZE_BYTES)))
            if size == fcntl.ioctl(pseudo, tiocgwinsz, bytes(SIZE_BYTES)):
                return False
            fcntl.ioctl(pseudo, tiocswinsz, size)
        except OSError:
            return False
        return True

    def size(self) -> tuple[int, int]:
        """Return how many rows and columns the window has.

        (0, 0) where that is not known, and where other programs of a pipeline draw here, so that it does not help.
        """
        if not self._is_ours:
            return 0, 0
        rows, columns = self.whole_size()
        return rows - (self.questions is not None and self.questions.row.is_there), columns

    def whole_size(self) -> tuple[int, int]:
        """Return how many rows and columns the window has, with the row that is aigate's; (0, 0) where it has none."""
        try:
            columns, rows = os.get_terminal_size(self.output)
        except OSError:
            return 0, 0
        if self.questions is not None:
            self.questions.row.resize(rows, columns)
        return rows, columns

    def _left_for_command(self, size: bytes) -> bytes:
        """Return a window's size (struct winsize) without the row that is aigate's."""
        if self.questions is None:
            return size
        rows, columns = self.whole_size()
        left = rows - self.questions.row.is_there
        return left.to_bytes(2, sys.byteorder) + size[2:] if columns else size

    def in_foreground(self) -> bool:
        """Tell whether this process may read the terminal without being stopped."""
        try:
            return os.tcgetpgrp(self.input) == os.getpgrp()
        except OSError:
            return True  # not this process's controlling terminal: nobody is stopped for reading it

    def make_raw(self, *, shared: bool) -> None:
        """Pass every key on as it is typed; nothing is echoed here. Raises OSError when the terminal is gone.

        shared: other programs write to this terminal too, so line ends and signal keys keep their meaning.
        """
        t = self._termios
        if not self.is_raw:
            self._settings = self._read()
        new = [*self._settings[:CONTROL], list(self._settings[CONTROL])]
        new[0] &= ~(t.IGNBRK | t.BRKINT | t.PARMRK | t.ISTRIP | t.INLCR | t.IGNCR | t.ICRNL | t.IXON)
        new[LOCAL] &= ~(t.ECHO | t.ECHONL | t.ICANON | t.IEXTEN)
        if not shared:
            new[1] &= ~t.OPOST
            new[LOCAL] &= ~t.ISIG
        new[FLAGS] = (new[FLAGS] & ~(t.CSIZE | t.PARENB)) | t.CS8
        new[CONTROL][t.VMIN], new[CONTROL][t.VTIME] = 1, 0
        self._apply(new)
        self.is_raw, self._is_shared = True, shared

    def restore(self) -> None:
        """Put the settings back. A terminal that is gone, or now in use by the shell, is left alone."""
        if not self.is_raw:
            return
        self.is_raw = False
        if not self.in_foreground():
            return
        try:
            self._apply(self._settings)
        except OSError:
            return

    def put_back(self, descriptor: int) -> None:
        """Give the terminal its settings back through a descriptor of its own, from another session."""
        try:
            self._termios.tcsetattr(descriptor, self._termios.TCSADRAIN, self._settings)
        except self._termios.error:
            return

    def translates_line_ends(self) -> bool:
        """Tell whether this terminal itself turns a line feed into carriage return and line feed now."""
        t = self._termios
        raw = self.is_raw and not self._is_shared
        return not raw and bool(self._settings[1] & t.OPOST and self._settings[1] & t.ONLCR)

    def _read(self) -> list[Any]:
        try:
            return self._termios.tcgetattr(self.input)
        except self._termios.error as error:
            raise OSError(*error.args) from None

    def _apply(self, settings: list[Any]) -> None:
        try:
            self._termios.tcsetattr(self.input, self._termios.TCSANOW, settings)
        except self._termios.error as error:
            raise OSError(*error.args) from None

    def close(self) -> None:
        """Close the descriptors."""
        for descriptor in (self.input, self.output):
            os.close(descriptor)


def _reopened(descriptor: int) -> int:
    """Return a non-blocking description of the same terminal, or a copy of the descriptor where that is refused."""
    flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
    for path in (f"/proc/self/fd/{descriptor}", "/dev/tty"):
        try:
            found = os.open(path, flags)
        except OSError:
            continue
        if path != "/dev/tty" or _controls(descriptor):
            return found
        os.close(found)
    return os.dup(descriptor)


def _controls(descriptor: int) -> bool:
    """Tell whether this is the process's controlling terminal, which /dev/tty opens."""
    try:
        os.tcgetpgrp(descriptor)
    except OSError:
        return False
    return True
