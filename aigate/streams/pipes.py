"""The command's streams that are no terminals: each is carried by a thread of its own, outputs through the masker.

Owns the pipes and their threads; does not know what they are for.
"""

from __future__ import annotations

import _thread
import fcntl
import os
import stat
import sys

from aigate.errors import EnforcementError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate import Masker
    from aigate._masker import Pumping

PIPE_SIZE = 1 << 20  # bytes; an ordinary user may have as much (/proc/sys/fs/pipe-max-size)


def pumps_for(numbers: tuple[int, ...], masker: Masker | None, *, merged: bool) -> dict[int, Pump]:
    """Return a pump for each output that is masked, or that the command must not hold itself.

    numbers: descriptors of the outputs that are open and no terminals. masker: None for output as it is. merged: they
    are one file, and one pump keeps their order.
    """
    if not masker:
        numbers = tuple(number for number in numbers if can_connect_anew(number))
    if not numbers:
        return {}
    masker = masker or _no_masker()
    if not merged:
        return {number: Pump(masker, number) for number in numbers}
    pump = Pump(masker, numbers[0])
    return {1: pump, 2: pump}


class Pump:
    """One output of the command, from a pipe through the masker to where it goes, in a thread.

    done: a descriptor that becomes readable, at its end, when everything is out, or could not be written.
    """

    def __init__(self, masker: Masker, target: int) -> None:
        source, self.child_end = os.pipe()
        _widen(source)
        self.done, doing = os.pipe()
        self._work = masker.pumping(source, target, doing)

    def start(self) -> None:
        """Begin."""
        os.close(self.child_end)
        _start_thread(self._work)

    @property
    def counts(self) -> dict[str, int]:
        """How many matches each rule hid, known at the end."""
        return self._work.counts

    @property
    def failure(self) -> BaseException | None:
        """What went wrong. When the reader is gone the command's next write fails, as it would without aigate."""
        return _failure(self._work)


class Feed:
    """The command's input where the caller's is a socket: a pipe that a thread fills from it.

    A program can connect a socket anew, and then stands in the network where the socket was made: the host's.
    """

    def __init__(self) -> None:
        self.child_end, sink = os.pipe()
        self._work = _no_masker().pumping(os.dup(0), sink, sink)

    def start(self) -> None:
        """Begin. The thread ends with the input, or with aigate."""
        os.close(self.child_end)
        _start_thread(self._work)

    @property
    def failure(self) -> BaseException | None:
        """What went wrong; not that the command takes no more."""
        return _failure(self._work)


def _failure(work: Pumping) -> BaseException | None:
    return None if isinstance(work.failure, BrokenPipeError) else work.failure


def _start_thread(work: Pumping) -> None:
    """Start a thread whose body is compiled, see `Pumping`. Raises EnforcementError where the system has none left."""
    try:
        _thread.start_new_thread(work.run, ())
    except RuntimeError:  # all that Python tells
        from aigate import scarce

        raise EnforcementError("no thread can be started for the command's output", hint=scarce.threads()) from None


def _widen(pipe: int) -> None:
    """Let a pipe hold more, so that writer and reader are switched less often. It works as it is, too."""
    if sys.platform != "linux":
        return
    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    except OSError:
        return


def can_connect_anew(descriptor: int) -> bool:
    """Tell whether a descriptor is a socket that can be connected to something else.

    All but streams of unix(7) can, once they are connected.
    """
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return False
    from _socket import AF_UNIX, SOCK_DGRAM
    from _socket import socket as Socket  # noqa: N812

    socket = Socket(fileno=os.dup(descriptor))
    try:
        socket.getpeername()
    except OSError:
        return True
    else:
        return bool(socket.family != AF_UNIX or socket.type == SOCK_DGRAM)
    finally:
        socket.close()


def _no_masker() -> Masker:
    """Return a masker that hides nothing."""
    from aigate import Masker

    return Masker(())
