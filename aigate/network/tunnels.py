"""Carries bytes between two connections; on Linux without ever touching them: splice(2) moves them inside the kernel.

A tunnel keeps each direction on its own: one end may stop sending while the other goes on (half-closed), and what one
end does not take is not read from the other (backpressure). Idle tunnels cost two descriptors and no pipe.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from errno import EAGAIN, EMFILE, ENFILE
from fcntl import fcntl
from select import POLLIN, poll
from socket import MSG_PEEK, SHUT_WR, SO_LINGER, SO_RCVLOWAT, SOL_SOCKET, socket
from struct import pack

from aigate.streams.loop import EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.streams.loop import Loop

PIPE_BYTES = 256 << 10
ROUNDS = 8
MOST_SPARE_PIPES = 64
F_SETPIPE_SZ = 1031
SPLICE_FLAGS = 1 | 2  # SPLICE_F_MOVE, SPLICE_F_NONBLOCK
RESET = pack("=ii", 1, 0)

_spare_pipes: list[tuple[int, int]] = []


def reset(connection: socket) -> None:
    """Close a connection so that the other side sees it refused (RST), not ended."""
    try:
        connection.setsockopt(SOL_SOCKET, SO_LINGER, RESET)
    finally:
        connection.close()


def has_ended(connection: socket, seen: int) -> bool:
    """Ask to be called again when there is more than was seen (socket(7), SO_RCVLOWAT); tell if none will come.

    seen: how many bytes are there to be read, in bytes.
    """
    connection.setsockopt(SOL_SOCKET, SO_RCVLOWAT, seen + 1)
    waiting = poll()
    waiting.register(connection.fileno(), POLLIN)
    if not waiting.poll(0):
        return False
    try:
        return len(connection.recv(seen + 1, MSG_PEEK)) == seen  # ready, and not for more: it was for the end
    except OSError:
        return True


class _Direction:
    """Bytes from one socket to another."""

    __slots__ = ("_held", "_left", "_pipe", "ended", "finished", "sink", "source")

    def __init__(self, source: socket, sink: socket, most: int | None = None) -> None:
        self.source = source
        self.sink = sink
        self._left = most
        self.ended = most == 0
        self.finished = self.ended
        self._pipe: tuple[int, int] | None = None
        self._held = 0

    @property
    def wants_input(self) -> bool:
        return not self.ended and not self._held

    @property
    def wants_output(self) -> bool:
        return self._held > 0

    def move(self) -> None:
        """Move what can be moved now. Raises OSError when either end is broken."""
        for _ in range(ROUNDS):
            if not self._held and not self._fill():
                break
            if self._held and not self._drain():
                return
        if self.ended and not self._held and not self.finished:
            self.finished = True
            self._release()
            if self._left != 0:  # who has said all that was asked for may still want the answer
                self.sink.shutdown(SHUT_WR)

    def _fill(self) -> bool:
        if self.ended:
            return False
        if self._pipe is None:
            self._pipe = _take_pipe()
        wanted = PIPE_BYTES if self._left is None else min(PIPE_BYTES, self._left)
        count = _splice(self.source.fileno(), self._pipe[1], wanted)
        if count:
            self._held = count
            if self._left is not None:
                self._left -= count
                self.ended = self._left == 0
            return True
        self.ended = count == 0
        self._release()
        return False

    def _drain(self) -> bool:
        assert self._pipe is not None  # noqa: S101
        count = _splice(self._pipe[0], self.sink.fileno(), self._held)
        if count is None:
            return False
        self._held -= count
        return True

    def _release(self) -> None:
        if self._pipe is not None:
            _give_back(self._pipe)
            self._pipe = None

    def close(self) -> None:
        """Give up the pipe; one with bytes in it is never used again."""
        if self._pipe is not None and self._held:
            for descriptor in self._pipe:
                os.close(descriptor)
            self._pipe = None
        self._release()


class _Copied(_Direction):
    """Bytes from one socket to another by way of this process, where the kernel does not move them."""

    __slots__ = ("_buffer",)

    def __init__(self, source: socket, sink: socket, most: int | None = None) -> None:
        super().__init__(source, sink, most)
        self._buffer = b""

    def _fill(self) -> bool:
        if self.ended:
            return False
        try:
            self._buffer = self.source.recv(PIPE_BYTES if self._left is None else min(PIPE_BYTES, self._left))
        except BlockingIOError:
            return False
        self._held = len(self._buffer)
        if self._held and self._left is not None:
            self._left -= self._held
        self.ended = not self._held or self._left == 0
        return self._held > 0

    def _drain(self) -> bool:
        try:
            count = self.sink.send(self._buffer)
        except BlockingIOError:
            return False
        self._buffer = self._buffer[count:]
        self._held = len(self._buffer)
        return True

    def close(self) -> None:
        """Drop what is held."""
        self._buffer = b""


Direction: type[_Direction] = _Direction if sys.platform == "linux" else _Copied


class Tunnel:
    """Two connections and the bytes between them, until both directions have ended or one end breaks."""

    def __init__(self, loop: Loop, near: socket, far: socket, most: int | None = None) -> None:
        """Take over both sockets, which must not block. most: bytes that near may send; None: as many as it likes."""
        self._loop = loop
        self._near = near
        self._far = far
        self._outward = Direction(near, far, most)
        self._inward = Direction(far, near)
        self._held_back = False

    def start(self) -> None:
        """Carry from now on."""
        self._held_back = False
        self._move()

    def start_inward(self, near_ready: Callable[[int], None]) -> None:
        """Carry only from far to near, and call `near_ready` when near has something to say: it is judged first."""
        self._held_back = True
        self._near_ready = near_ready
        self._move()

    def _ready(self, _events: int) -> None:
        self._move()

    def _near_says(self, events: int) -> None:
        if events & (EPOLLIN | EPOLLHUP | EPOLLERR):
            self._near_ready(events)
        else:
            self._move()

    def _move(self) -> None:
        try:
            if not self._held_back:
                self._outward.move()
            self._inward.move()
        except OSError:
            self.cut()
            return
        if self._outward.finished and self._inward.finished:
            self.close()
        else:
            self._watch()

    def _watch(self) -> None:
        held = self._held_back
        near = (EPOLLIN if held or self._outward.wants_input else 0) | (EPOLLOUT if self._inward.wants_output else 0)
        far = (EPOLLIN if self._inward.wants_input else 0) | (EPOLLOUT if self._outward.wants_output else 0)
        near_call = self._near_says if held else self._ready
        for end, events, call in ((self._near, near, near_call), (self._far, far, self._ready)):
            if events:
                self._loop.watch(end.fileno(), call, events)
            else:  # level-triggered EPOLLHUP cannot be masked, so who has nothing to do is not watched at all
                self._loop.forget(end.fileno())

    def close(self) -> None:
        """Close both ends."""
        self._forget()
        self._near.close()
        self._far.close()

    def cut(self) -> None:
        """Close both ends so that both see a broken connection."""
        self._forget()
        reset(self._near)
        reset(self._far)

    def _forget(self) -> None:
        for direction in (self._outward, self._inward):
            direction.close()
        for end in (self._near, self._far):
            self._loop.forget(end.fileno())


def _splice(source: int, sink: int, count: int) -> int | None:
    """Move bytes and return how many; 0 is the end, None means not now."""
    if sys.platform != "linux":
        raise NotImplementedError
    try:
        return os.splice(source, sink, count, flags=SPLICE_FLAGS)
    except OSError as error:
        if error.errno == EAGAIN:
            return None
        raise


def _take_pipe() -> tuple[int, int]:
    if _spare_pipes:
        return _spare_pipes.pop()
    if sys.platform != "linux":
        raise NotImplementedError
    pipe = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    with suppress(OSError):  # the user's share of pipe memory may be used up (pipe(7)): the default size works too
        fcntl(pipe[1], F_SETPIPE_SZ, PIPE_BYTES)
    return pipe


def _give_back(pipe: tuple[int, int]) -> None:
    if len(_spare_pipes) < MOST_SPARE_PIPES:
        _spare_pipes.append(pipe)
    else:
        for descriptor in pipe:
            os.close(descriptor)


def is_out_of_descriptors(error: OSError) -> bool:
    """Tell whether an accept or a connect failed because there are too many."""
    return error.errno in (EMFILE, ENFILE)
