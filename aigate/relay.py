"""Between the sandbox and the caller: every byte of output passes here and through the masker, every signal and key.

One loop serves the terminal, the signals and process 1 of the sandbox; each output that is a pipe or a file is pumped
by a thread of its own, inside the masker and without the GIL. Owns descriptors and the order of things at start and
end; knows nothing of policies.
"""

from __future__ import annotations

import _thread
import fcntl
import os
import select
import stat
import time
from _signal import (  # type: ignore[import-not-found]
    SIGALRM,
    SIGCONT,
    SIGHUP,
    SIGINT,
    SIGKILL,
    SIGQUIT,
    SIGSTOP,
    SIGTERM,
    SIGTSTP,
    SIGTTIN,
    SIGTTOU,
    SIGUSR1,
    SIGUSR2,
    SIGWINCH,
)

from aigate import _linux
from aigate.terminal import ScreenModes, Streams, Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate import Masker, Stream
    from aigate.guard import Guard

ENDING = (SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGALRM)
CAUGHT = (*ENDING, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGWINCH, SIGUSR1, SIGUSR2)
CHUNK = 1 << 16  # bytes read at once
BACKLOG = 1 << 17  # bytes that may wait for the screen while the command goes on
PIPE_SIZE = 1 << 20  # bytes; an ordinary user may have as much (/proc/sys/fs/pipe-max-size)
HOLD_SECONDS = 0.1  # how long undecided bytes may stay off the screen
HOLD_GRACE = 2  # milliseconds of it in which more output is waited for without setting a clock
ECHO_BYTES, ECHO_SECONDS = 8, 0.05  # so few undecided bytes so soon after a key are its echo, and are not kept waiting
GRACE_SECONDS = 2.0  # what a command has to end in when its terminal is gone
ABANDON_SECONDS = 1.0  # how long a reader that takes nothing is waited for when the run was told to end
BY_SIGNAL = 128
NEVER = float("inf")
MILLISECONDS = 1000  # in a second


class Pump:
    """One output of the command, from a pipe through the masker to where it goes, in a thread.

    done: a descriptor that becomes readable when everything is out, or could not be written.
    """

    def __init__(self, masker: Masker, target: int) -> None:
        self._masker = masker
        self._target = target
        self._source, self.child_end = os.pipe()
        _widen(self._source)
        self.done = os.eventfd(0, os.EFD_CLOEXEC)
        self.counts: dict[str, int] = {}
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin."""
        os.close(self.child_end)
        _thread.start_new_thread(self._carry, ())

    def _carry(self) -> None:
        """Pump until the end. When the reader is gone the command's next write fails, as it would without aigate."""
        try:
            self.counts = self._masker.pump(self._source, self._target)
        except BrokenPipeError:
            pass
        except BaseException as error:  # noqa: BLE001 -- told to the user by the main thread; nothing is written
            self.failure = error
        finally:
            os.close(self._source)
            os.eventfd_write(self.done, 1)


class Feed:
    """The command's input where the caller's is a socket: a pipe that a thread fills from it.

    A program can connect a socket anew, and then stands in the network where the socket was made: the host's.
    """

    def __init__(self) -> None:
        self.child_end, self._sink = os.pipe()

    def start(self) -> None:
        """Begin. The thread ends with the input, or with aigate."""
        os.close(self.child_end)
        _thread.start_new_thread(self._carry, ())

    def _carry(self) -> None:
        try:
            while data := os.read(0, CHUNK):
                view = memoryview(data)
                while view:
                    view = view[os.write(self._sink, view) :]
        except OSError:
            return  # the command takes no more, or the caller has broken off
        finally:
            os.close(self._sink)


class Relay:
    """Everything that passes between one sandbox and the caller.

    streams: the caller's. masker: None for output as it is. terminal: the caller's, if any of its streams is one.
    on_ready: called with the id of the sandbox's process 1, before it starts the command.
    """

    def __init__(
        self,
        streams: Streams,
        masker: Masker | None,
        terminal: Terminal | None,
        guard: Guard,
        on_ready: Callable[[int], object],
    ) -> None:
        self._streams, self._masker, self._terminal, self._guard = streams, masker, terminal, guard
        self._on_ready = on_ready
        self._control, self._child_control = _linux.message_pair()
        self._pseudo = self._child_pseudo = -1
        if terminal:
            self._pseudo, self._child_pseudo = terminal.make_pseudo_terminal()
        self._pumps = self._make_pumps()
        self._feed = Feed() if 0 not in streams.closed and can_connect_anew(0) else None
        self._screen = masker.stream(terminal=True) if masker and terminal else None
        self._modes = ScreenModes()
        self._to_screen, self._written = b"", 0
        self._queue: list[bytes] = []
        self._backlog = 0  # bytes for the screen that it has not taken
        self._to_command = b""
        self._owns_terminal = self._has_owned = self._ready = self._killed = self._told = False
        self._child = self._signals = self._cancelled = -1
        self._status: int | None = None
        self._held_until = self._end_by = NEVER
        self._typed_at = -NEVER
        self._poll = select.epoll()
        self._interests: dict[int, int] = {}
        self._handlers: dict[int, Callable[[int], object]] = {}
        self._running: dict[int, Pump] = {}
        self.failure: BaseException | None = None

    def _make_pumps(self) -> dict[int, Pump]:
        """Return a pump for each output that is masked and not a terminal, or that the command must not hold."""
        numbers = [n for n in (1, 2) if n not in (*self._streams.terminals, *self._streams.closed)]
        if not self._masker:
            numbers = [number for number in numbers if can_connect_anew(number)]
        if not numbers:
            return {}
        masker = self._masker or _no_masker()
        pumps = {number: Pump(masker, number) for number in (numbers[:1] if self._streams.merged else numbers)}
        return {1: pumps[1], 2: pumps[1]} if self._streams.merged else pumps

    def launching(self) -> None:
        """Say in the forked child, which leads a session by now, that it is about to become the launcher."""
        self._guard.launching()

    def redirections(self) -> tuple[tuple[int, int], ...]:
        """Return what the child does before it starts: (descriptor, number it gets)."""
        terminals = [(self._child_pseudo, number) for number in self._streams.terminals]
        if self._feed:
            terminals.append((self._feed.child_end, 0))
        return (*((pump.child_end, number) for number, pump in self._pumps.items()), *terminals)

    def handed_over(self) -> tuple[int, ...]:
        """Return the descriptors that process 1 of the sandbox gets under the numbers they have."""
        return (self._child_control, self._guard.life, *((self._child_pseudo,) if self._terminal else ()))

    def init_arguments(self) -> tuple[str, ...]:
        """Return the arguments of process 1 that come before the command: see aigate/native/init.c."""
        pseudo = str(self._child_pseudo) if self._terminal else "-"
        return str(self._child_control), str(self._guard.life), pseudo, "".join(map(str, self._streams.closed)) or "-"

    @property
    def started(self) -> bool:
        """Tell whether the sandbox was set up, and its process 1 reported."""
        return self._ready

    @property
    def counts(self) -> dict[str, int]:
        """Return how many matches each rule hid, over all outputs."""
        total: dict[str, int] = {}
        parts = [pump.counts for pump in {id(pump): pump for pump in self._pumps.values()}.values()]
        for counts in [*parts, *([self._screen.counts] if self._screen else [])]:
            for name, count in counts.items():
                total[name] = total.get(name, 0) + count
        return total

    # ---- the run ----

    def carry(self, child: int, signals: int) -> int:
        """Serve everything until the sandbox has ended and its output is out; return the exit status.

        child: the launcher's process id. signals: the descriptor that CAUGHT come from. `failure` says afterwards
        what went wrong with the output, if anything did.
        """
        self._child, self._signals = child, signals
        for descriptor in (self._child_control, *((self._child_pseudo,) if self._terminal else ())):
            os.close(descriptor)
        process = os.pidfd_open(child)
        self._serve(signals, self._take_signal)
        self._serve(self._control, self._take_report)
        self._serve(process, self._take_end)
        if self._terminal:
            self._serve(self._pseudo, self._take_output)
        for pump in set(self._pumps.values()):
            self._running[pump.done] = pump
            self._serve(pump.done, self._pump_ended)
            pump.start()
        if self._feed:
            self._feed.start()
        try:
            while not self._over():
                for descriptor, events in self._poll.poll(self._patience() / MILLISECONDS):
                    if descriptor in self._handlers:
                        self._handlers[descriptor](events)
                self._on_time()
            return self._finished()
        finally:
            self._close(child, process)

    def _serve(self, descriptor: int, handler: Callable[[int], object], events: int = select.EPOLLIN) -> None:
        self._handlers[descriptor] = handler
        self._want(descriptor, events)

    def _want(self, descriptor: int, events: int) -> None:
        """Say what to be woken for; nothing at all when `events` is 0, not even for a hang-up."""
        before = self._interests.get(descriptor, 0)
        if before == events or descriptor not in self._handlers:
            return
        self._interests[descriptor] = events
        if not events:
            self._poll.unregister(descriptor)
        elif before:
            self._poll.modify(descriptor, events)
        else:
            self._poll.register(descriptor, events)

    def _forget(self, descriptor: int) -> None:
        self._want(descriptor, 0)
        self._handlers.pop(descriptor, None)

    def _over(self) -> bool:
        if self._status is None:
            return False
        return not (self._pseudo >= 0 or self._backlog or self._running) or time.monotonic() >= self._end_by

    def _patience(self) -> int:
        """Return how long to wait for events, in milliseconds; -1 for ever."""
        until = min(self._held_until, self._end_by)
        return -1 if until == NEVER else max(0, int((until - time.monotonic()) * MILLISECONDS + 1))

    def _on_time(self) -> None:
        if self._held_until == self._end_by == NEVER:
            return
        now = time.monotonic()
        if now >= self._held_until and self._screen:
            self._held_until = NEVER
            self._show(self._screen.release())
        if now >= self._end_by and self._status is None:
            self._end_by = NEVER
            self._kill()

    def _finished(self) -> int:
        assert self._status is not None  # noqa: S101 -- _over() said so
        failures = [pump.failure for pump in self._pumps.values() if pump.failure]
        self.failure = failures[0] if failures else None
        if self._killed and self._terminal:
            _write_all(self._terminal.output, self._modes.undo())
        return self._status

    def _close(self, child: int, process: int) -> None:
        if self._terminal:
            self._terminal.restore()
        if self._status is None:
            self._kill()
            os.waitpid(child, 0)
        self._close_control()
        self._poll.close()
        for descriptor in (process, *((self._pseudo,) if self._pseudo >= 0 else ())):
            os.close(descriptor)

    def _pump_ended(self, _events: int) -> None:
        for descriptor in [descriptor for descriptor in self._running if select.select([descriptor], [], [], 0)[0]]:
            del self._running[descriptor]
            self._forget(descriptor)
            os.close(descriptor)

    def _kill(self) -> None:
        """End the sandbox at once."""
        self._close_control()
        os.kill(self._child, SIGKILL)
        self._kill_group()

    def _kill_group(self) -> None:
        """End what the launcher has forked: its child waits for it without end when it is killed half-way."""
        try:
            os.killpg(self._child, SIGKILL)
        except ProcessLookupError:
            return

    def _close_control(self) -> None:
        """Close the channel to process 1 of the sandbox, which ends it and everything there."""
        if self._control >= 0:
            self._forget(self._control)
            os.close(self._control)
            self._control = -1

    # ---- the sandbox's process 1 ----

    def _order(self, what: bytes, value: int = 0) -> None:
        if self._control < 0:
            return
        try:
            _linux.send(self._control, what + bytes((value,)))
        except OSError:
            return  # it has ended: its status comes another way

    def _take_report(self, _events: int) -> None:
        report, sender = self._next_report()
        if report == b"R":
            self._ready = True
            self._guard.watch(sender)
            self._on_ready(sender)
            self._begin()
        elif report == b"S":
            self._command_stopped(sender)

    def _next_report(self) -> tuple[bytes, int]:
        """Return what process 1 reports, and the value (of R its own process id); (b"", 0) when there is nothing."""
        try:
            report, sender = _linux.receive(self._control)
        except BlockingIOError:
            return b"", 0
        except ConnectionResetError:
            report, sender = b"", 0
        if len(report) != 2:  # noqa: PLR2004 -- what and value
            self._forget(self._control)
            return b"", 0
        self._killed = self._killed or report[:1] == b"K"
        return report[:1], sender if report[:1] == b"R" else report[1]

    def _take_end(self, _events: int) -> None:
        """Take note that the launcher has ended, and with it everything in the sandbox."""
        self._kill_group()
        code = os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])
        while self._control >= 0 and self._next_report()[0]:
            pass
        self._killed = self._killed or code < 0
        self._status = BY_SIGNAL + self._cancelled if self._cancelled > 0 else BY_SIGNAL - code if code < 0 else code
        for descriptor, handler in list(self._handlers.items()):
            if handler == self._take_end:
                self._forget(descriptor)
        self._close_control()
        if self._told:
            self._end_by = time.monotonic() + ABANDON_SECONDS

    def _begin(self) -> None:
        """Let the command start: with the terminal, if it is all its own, else without until it reads from it."""
        terminal = self._terminal
        if terminal and self._streams.interactive and terminal.in_foreground():
            self._take_terminal()
        else:
            self._order(b"B" if terminal else b"F")

    def _take_terminal(self) -> None:
        """Become the one who reads the terminal, and give the command what it finds there."""
        assert self._terminal  # noqa: S101 -- only called with one
        try:
            if not self._terminal.is_raw:
                self._guard.remember(self._terminal.settings_bytes())
            self._terminal.make_raw(shared=not self._streams.interactive)
        except OSError:
            self._hang_up()
            return
        if not self._has_owned:
            self._terminal.copy_settings(self._pseudo)
        self._owns_terminal = self._has_owned = True
        self._serve(self._terminal.input, self._take_keys)
        self._order(b"F")

    def _leave_terminal(self) -> None:
        assert self._terminal  # noqa: S101 -- only called with one
        self._owns_terminal = False
        self._forget(self._terminal.input)
        self._terminal.restore()

    # ---- signals, stopping and going on ----

    def _take_signal(self, _events: int) -> None:
        try:
            number, by_kernel = _linux.read_signal(self._signals)
        except BlockingIOError:
            return
        if number == SIGCONT:
            self._go_on()
        elif number == SIGWINCH:
            self._resize()
        elif not self._ready:
            self._cancel(number)
        elif number == SIGHUP and by_kernel:
            self._hang_up()
        elif number not in (SIGTTIN, SIGTTOU):
            self._told = self._told or number in ENDING
            self._order(b"G" if by_kernel else b"P", number)

    def _cancel(self, number: int) -> None:
        """End the launcher: a signal came before the command exists, and now it never will."""
        if number in ENDING and self._status is None:
            self._cancelled = number
            self._kill()

    def _resize(self) -> None:
        if self._terminal and self._pseudo >= 0 and self._terminal.copy_size(self._pseudo) and not self._owns_terminal:
            self._order(b"G", SIGWINCH)

    def _command_stopped(self, number: int) -> None:
        """Give a stopped command the terminal if that is what it wants, else stop too, with the job around it."""
        terminal = self._terminal
        if terminal and not self._owns_terminal and number in (SIGTTIN, SIGTTOU) and terminal.in_foreground():
            self._take_terminal()
            return
        if terminal:
            self._catch_up()
            self._leave_terminal()
        _linux.stop(number, bool(terminal) and number != SIGSTOP)
        self._go_on()

    def _go_on(self) -> None:
        """Let the command go on, in the foreground or in the background."""
        terminal = self._terminal
        if not self._ready:
            return
        if not terminal:
            self._order(b"F")
            return
        self._resize()
        if terminal.in_foreground() and (self._streams.interactive or self._owns_terminal):
            self._take_terminal()
        else:
            if self._owns_terminal:
                self._leave_terminal()
            self._order(b"B")

    def _catch_up(self) -> None:
        """Show what the command wrote before it stopped."""
        while self._pseudo >= 0 and select.select([self._pseudo], [], [], 0.02)[0]:
            self._take_output(select.EPOLLIN, patience=0)
            if self._backlog and not self._drain():
                return

    def _hang_up(self) -> None:
        """Tell the command that the terminal is gone, as the kernel would have, and see that it ends."""
        if self._told and self._pseudo < 0:
            return
        self._told = True
        self._order(b"G", SIGHUP)
        self._order(b"G", SIGCONT)
        if self._terminal:
            self._forget(self._terminal.input)
            self._forget(self._terminal.output)
            self._close_pseudo()
        self._drop_output()
        self._end_by = time.monotonic() + GRACE_SECONDS

    # ---- the terminal's two directions ----

    def _take_keys(self, _events: int) -> None:
        assert self._terminal  # noqa: S101 -- only called with one
        try:
            data = os.read(self._terminal.input, CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hang_up()
            return
        self._to_command += data
        self._typed_at = time.monotonic()
        self._type()

    def _type(self) -> None:
        """Give the command what was typed; while it takes nothing, read no more."""
        assert self._terminal  # noqa: S101 -- only called with one
        try:
            self._to_command = self._to_command[os.write(self._pseudo, self._to_command) :]
        except BlockingIOError:
            pass
        except OSError:
            self._to_command = b""
        self._want(self._terminal.input, 0 if self._to_command else select.EPOLLIN)
        self._want_pseudo()

    def _want_pseudo(self) -> None:
        if self._pseudo >= 0:
            reading = select.EPOLLIN if self._backlog < BACKLOG else 0
            self._want(self._pseudo, reading | (select.EPOLLOUT if self._to_command else 0))

    def _take_output(self, events: int, patience: int | None = None) -> None:
        """Take output from the command. patience: milliseconds to stay with it, None for as long as all is well."""
        if events & select.EPOLLOUT and self._to_command:
            self._type()
        if not events & ~select.EPOLLOUT:
            return
        if self._screen and self._may_carry():
            self._carry(self._screen, self._patience() if patience is None else patience)
            return
        try:
            data = os.read(self._pseudo, CHUNK)
        except BlockingIOError:
            return
        except OSError:  # EIO: nobody has the other end any more (pty(7))
            self._close_pseudo()
            return
        if not self._screen:
            self._show(data)
        else:
            self._show(self._screen.feed(data))
            self._hold()

    def _may_carry(self) -> bool:
        assert self._terminal  # noqa: S101 -- only called with one
        return not (self._backlog or self._to_command or self._terminal.translates_line_ends())

    def _carry(self, screen: Stream, patience: int) -> None:
        """Let output run to the screen until it, or anything else, needs to be looked after."""
        assert self._terminal  # noqa: S101 -- only called with one
        self._want(self._pseudo, 0)
        grace = HOLD_GRACE if patience and time.monotonic() - self._typed_at >= ECHO_SECONDS else 0
        rest, is_open = screen.carry(self._pseudo, self._terminal.output, self._poll.fileno(), patience, grace)
        if rest:
            self._show(rest)
        if is_open:
            self._hold()
            self._want_pseudo()
        else:
            self._close_pseudo()

    def _hold(self) -> None:
        """Decide how long undecided bytes wait for what comes after them."""
        assert self._screen  # noqa: S101 -- only called with one
        held, now = self._screen.held, time.monotonic()
        self._held_until = now + HOLD_SECONDS - HOLD_GRACE / MILLISECONDS if held else NEVER
        if 0 < held <= ECHO_BYTES and now - self._typed_at < ECHO_SECONDS:
            self._held_until = NEVER
            self._show(self._screen.release())

    def _close_pseudo(self) -> None:
        if self._pseudo < 0:
            return
        self._forget(self._pseudo)
        os.close(self._pseudo)
        self._pseudo = -1
        self._held_until = NEVER
        if self._screen:
            self._show(self._screen.flush())

    def _show(self, data: bytes) -> None:
        assert self._terminal  # noqa: S101 -- only called with one
        if self._modes.watch(data):
            self._guard.undo(self._modes.undo())
        if self._terminal.translates_line_ends():
            data = data.replace(b"\r\n", b"\n")  # the pseudo-terminal has done it, and the terminal will do it again
        waiting = self._backlog > 0
        self._queue.append(data)
        self._backlog += len(data)
        if waiting:
            self._want_pseudo()
        else:
            self._drain()

    def _drain(self, _events: int = 0) -> bool:
        """Write what the terminal takes; while much is left, read no more output. Tell whether all is out."""
        assert self._terminal  # noqa: S101 -- only called with one
        output = self._terminal.output
        try:
            while self._backlog:
                if self._written == len(self._to_screen):
                    self._to_screen, self._written = b"".join(self._queue), 0
                    self._queue.clear()
                count = os.write(output, memoryview(self._to_screen)[self._written :])
                self._written += count
                self._backlog -= count
        except BlockingIOError:
            pass
        except OSError:
            self._drop_output()
            self._hang_up()
        if self._backlog:
            self._serve(output, self._drain, select.EPOLLOUT)
        else:
            self._forget(output)
        self._want_pseudo()
        return not self._backlog

    def _drop_output(self) -> None:
        self._to_screen, self._written, self._backlog = b"", 0, 0
        self._queue.clear()


def _widen(pipe: int) -> None:
    """Let a pipe hold more, so that writer and reader are switched less often. It works as it is, too."""
    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    except OSError:
        return


def can_connect_anew(descriptor: int) -> bool:
    """Tell whether a descriptor is a socket that can be connected to something else: all but unix(7) streams can."""
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return False
    from _socket import AF_UNIX, SOCK_DGRAM
    from _socket import socket as Socket  # noqa: N812

    socket = Socket(fileno=os.dup(descriptor))
    family, kind = socket.family, socket.type
    socket.close()
    return bool(family != AF_UNIX or kind == SOCK_DGRAM)


def _no_masker() -> Masker:
    """Return a masker that hides nothing."""
    from aigate import Masker

    return Masker(())


def _write_all(descriptor: int, data: bytes) -> None:
    try:
        os.write(descriptor, data)
    except OSError:
        return
