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
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate import Masker

BEGIN_SECONDS = 10.0  # what a thread has to begin in
MEMORY = "free memory, or raise the limit: ulimit -u"
CHUNK = 1 << 16  # bytes read at once
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
        self._masker = masker
        self._target = target
        self._source, self.child_end = os.pipe()
        _widen(self._source)
        self.done, self._doing = os.pipe()
        self.counts: dict[str, int] = {}
        self.begun = False
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin."""
        os.close(self.child_end)
        _start_thread(self._carry)

    def is_dead(self) -> bool:
        """Tell whether the thread has not begun, when it should have: there was no memory for its first line."""
        if not self.begun:
            self.failure = EnforcementError("no thread can be started for the command's output", hint=MEMORY)
        return not self.begun

    def _carry(self) -> None:
        """Pump until the end. When the reader is gone the command's next write fails, as it would without aigate."""
        self.begun = True
        try:
            self.counts = self._masker.pump(self._source, self._target)
        except BrokenPipeError:
            pass
        except BaseException as error:  # noqa: BLE001 -- told to the user by the main thread; nothing is written
            self.failure = error
        finally:
            for descriptor in (self._source, self._doing):
                with suppress(OSError):  # the second one is waited for
                    os.close(descriptor)


class Feed:
    """The command's input where the caller's is a socket: a pipe that a thread fills from it.

    A program can connect a socket anew, and then stands in the network where the socket was made: the host's.
    """

    def __init__(self) -> None:
        self.child_end, self._sink = os.pipe()
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin. The thread ends with the input, or with aigate."""
        os.close(self.child_end)
        _start_thread(self._carry)

    def _carry(self) -> None:
        try:
            while data := os.read(0, CHUNK):
                view = memoryview(data)
                while view:
                    view = view[os.write(self._sink, view) :]
        except BrokenPipeError:
            return  # the command takes no more
        except OSError as error:
            self.failure = error
        finally:
            with suppress(OSError):
                os.close(self._sink)


def _start_thread(carry: Callable[[], None]) -> None:
    """Start a thread. Raises EnforcementError where the system has none left."""
    try:
        _thread.start_new_thread(carry, ())
    except RuntimeError:  # all that Python tells
        raise EnforcementError("no thread can be started for the command's output", hint=MEMORY) from None


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
