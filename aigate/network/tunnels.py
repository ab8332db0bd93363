"""Carries bytes between two connections; on Linux without ever touching them: splice(2) moves them inside the kernel.

A tunnel keeps each direction on its own: one end may stop sending while the other goes on (half-closed), and what one
end does not take is not read from the other (backpressure). Idle tunnels cost two descriptors and no pipe. What goes
out passes an inspector first (see `inspection`) for as long as that wants to look at it.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from errno import EAGAIN
from fcntl import fcntl
from select import POLLIN, poll
from socket import MSG_PEEK, SHUT_WR, SO_LINGER, SO_OOBINLINE, SO_RCVLOWAT, SOL_SOCKET, socket
from struct import pack

from aigate.streams.loop import EPOLLIN, EPOLLOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.network.inspection import Inspector
    from aigate.streams.loop import Loop

PIPE_BYTES = 256 << 10
BY_HAND = 64 << 10
ENOUGH = 12  # bytes of an answer that tell whether it switches: `HTTP/1.1 101`
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

    __slots__ = ("_held", "_pipe", "_urgent", "ended", "finished", "sink", "source")

    def __init__(self, source: socket, sink: socket) -> None:
        self.source = source
        self.sink = sink
        self.ended = False
        self.finished = False
        self._pipe: tuple[int, int] | None = None
        self._held = 0
        self._urgent = b""

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
            self._end_sink()

    def _end_sink(self) -> None:
        self.sink.shutdown(SHUT_WR)

    def _fill(self) -> bool:
        if self.ended:
            return False
        if self._pipe is None:
            self._pipe = _take_pipe()
        count = _splice(self.source.fileno(), self._pipe[1], PIPE_BYTES)
        if not count:
            return self._fill_by_hand()
        self._held = count
        return True

    def _fill_by_hand(self) -> bool:
        """Take what splice(2) does not: it stops before an urgent byte (tcp(7)), which is read as any other."""
        self._release()
        try:
            self._urgent = self.source.recv(BY_HAND)
        except BlockingIOError:
            return False
        self._held = len(self._urgent)
        self.ended = not self._urgent
        return not self.ended

    def _drain(self) -> bool:
        if self._urgent:
            return self._drain_by_hand()
        assert self._pipe is not None  # noqa: S101
        count = _splice(self._pipe[0], self.sink.fileno(), self._held)
        if count is None:
            return False
        self._held -= count
        return True

    def _drain_by_hand(self) -> bool:
        try:
            count = self.sink.send(self._urgent)
        except BlockingIOError:
            return False
        self._urgent = self._urgent[count:]
        self._held = len(self._urgent)
        return True

    def _release(self) -> None:
        if self._pipe is not None:
            _give_back(self._pipe)
            self._pipe = None

    def close(self) -> None:
        """Give up the pipe; one with bytes in it is never used again."""
        self._urgent = b""
        if self._pipe is not None and self._held:
            for descriptor in self._pipe:
                os.close(descriptor)
            self._pipe = None
        self._release()


class _Copied(_Direction):
    """Bytes from one socket to another by way of this process, where the kernel does not move them."""

    __slots__ = ()

    def _fill(self) -> bool:
        return not self.ended and self._fill_by_hand()

    def _drain(self) -> bool:
        return self._drain_by_hand()


class _Inspected(_Copied):
    """Bytes that an inspector looks at before they pass."""

    __slots__ = ("_inspector",)

    def __init__(self, source: socket, sink: socket, inspector: Inspector) -> None:
        super().__init__(source, sink)
        self._inspector = inspector
        self.ended = self.finished = inspector.over

    @property
    def wants_input(self) -> bool:
        return super().wants_input and not self._inspector.waiting

    @property
    def is_done(self) -> bool:
        return self._inspector.done and not self._held and not self.ended

    @property
    def is_waiting(self) -> bool:
        return self._inspector.waiting

    def answered(self, beginning: bytes) -> None:
        """Go on, or not, by what the other end says first."""
        self._take(self._inspector.answered(beginning))
        self.ended = self.ended or self._inspector.over

    def _fill(self) -> bool:
        if self.ended or self._inspector.waiting or self._inspector.done:
            return False
        try:
            data = self.source.recv(PIPE_BYTES)
        except BlockingIOError:
            return False
        self.ended = not data
        self._take(self._inspector.feed(data) if data else self._inspector.end())
        self.ended = self.ended or self._inspector.over
        return self._held > 0

    def _take(self, passed: bytes) -> None:
        self._urgent += passed
        self._held = len(self._urgent)

    def _end_sink(self) -> None:
        if not self._inspector.over:  # who has said all that was asked for may still want the answer
            super()._end_sink()


Direction: type[_Direction] = _Direction if sys.platform == "linux" else _Copied


class Tunnel:
    """Two connections and the bytes between them, until both directions have ended or one end breaks."""

    def __init__(self, loop: Loop, near: socket, far: socket, inspector: Inspector | None = None) -> None:
        """Take over both sockets, which must not block. inspector: of what near sends."""
        self._loop = loop
        self._near = near
        self._far = far
        self._outward = Direction(near, far) if inspector is None else _Inspected(near, far, inspector)
        self._inward = Direction(far, near)
        for end in (near, far):
            end.setsockopt(SOL_SOCKET, SO_OOBINLINE, 1)

    def start(self) -> None:
        """Carry from now on."""
        self._move()

    def _ready(self, _events: int) -> None:
        self._move()

    def _move(self) -> None:
        try:
            self._move_outward()
            if not self._is_waiting:
                self._inward.move()
        except OSError:
            self.cut()
            return
        if self._outward.finished and self._inward.finished:
            self.close()
        else:
            self._watch()

    @property
    def _is_waiting(self) -> bool:
        """Tell whether the answer's first bytes must be looked at before anything else moves."""
        return isinstance(self._outward, _Inspected) and self._outward.is_waiting

    def _move_outward(self) -> None:
        outward = self._outward
        if isinstance(outward, _Inspected):
            if outward.is_waiting and (beginning := self._beginning()):
                outward.answered(beginning)
            outward.move()
            if not outward.is_done:
                return
            self._outward = Direction(self._near, self._far)
        self._outward.move()

    def _beginning(self) -> bytes:
        """Return the first bytes of the answer, once there are enough of them."""
        self._far.setsockopt(SOL_SOCKET, SO_RCVLOWAT, ENOUGH)
        try:
            seen = self._far.recv(ENOUGH, MSG_PEEK)
        except BlockingIOError:
            return b""
        if 0 < len(seen) < ENOUGH and not has_ended(self._far, len(seen)):
            self._far.setsockopt(SOL_SOCKET, SO_RCVLOWAT, ENOUGH)
            return b""
        self._far.setsockopt(SOL_SOCKET, SO_RCVLOWAT, 1)
        return seen or b"\0"

    def _watch(self) -> None:
        near = (EPOLLIN if self._outward.wants_input else 0) | (EPOLLOUT if self._inward.wants_output else 0)
        far = (EPOLLIN if self._inward.wants_input else 0) | (EPOLLOUT if self._outward.wants_output else 0)
        for end, events in ((self._near, near), (self._far, far)):
            if events:
                self._loop.watch(end.fileno(), self._ready, events)
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
