"""Between the sandbox and the caller: every byte of output passes here and through the masker, every signal and key.

One loop serves the terminal (`screen.py`), the signals and process 1 of the sandbox; streams that are no terminals are
carried by threads (`pipes.py`). Owns the order of things at start and end; knows nothing of policies.
"""

from __future__ import annotations

import os
import time
from _signal import (  # type: ignore[import-not-found]
    SIG_IGN,
    SIGCONT,
    SIGHUP,
    SIGKILL,
    SIGSTOP,
    SIGTTIN,
    SIGTTOU,
    SIGWINCH,
    getsignal,
)

from aigate.streams.loop import Loop
from aigate.streams.pipes import Feed, can_connect_anew, pumps_for
from aigate.streams.screen import Screen
from aigate.streams.signals import ENDING
from aigate.streams.system import come_soon, deliver, end_of, exit_code_of, ignored_as_letters, linux_calls
from aigate.streams.waker import Waker
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate import Masker
    from aigate.streams.system import Guard, System
    from aigate.streams.terminal import Streams, Terminal

PATIENCE_SECONDS = 15.0  # with a launcher that does not end after its process 1; twice that with one that starts
GRACE_SECONDS = 2.0  # what a command has to end in when its terminal is gone
ABANDON_SECONDS = 1.0  # how long a reader that takes nothing is waited for when the run was told to end
BY_SIGNAL = 128
NEVER = float("inf")


class Relay:
    """Everything that passes between one sandbox and the caller.

    streams: the caller's. masker: None for output as it is. terminal: the caller's, if any of its streams is one.
    on_ready: called with the id of the sandbox's process 1, before it starts the command. system: the calls that
    differ between systems, None for those of Linux. cancelled: by which signal, before the command existed; else -1.
    lost: the sandbox has ended, and nobody said that the command had.
    """

    def __init__(
        self,
        streams: Streams,
        masker: Masker | None,
        terminal: Terminal | None,
        guard: Guard,
        on_ready: Callable[[int], object],
        *,
        system: System | None = None,
    ) -> None:
        self._streams, self._terminal, self._guard, self._on_ready = streams, terminal, guard, on_ready
        self._system = system or linux_calls()
        self._control, self._child_control = self._system.message_pair()
        self._loop = Loop()
        self._child = self._process = self._signals = self._child_pseudo = self.cancelled = -1
        self._screen: Screen | None = None
        if terminal:
            pseudo, self._child_pseudo = terminal.make_pseudo_terminal()
            self._screen = Screen(terminal, pseudo, masker, guard=guard, loop=self._loop, on_gone=self._hang_up)
        outputs = tuple(n for n in (1, 2) if n not in (*streams.terminals, *streams.closed))
        self._pumps = pumps_for(outputs, masker, merged=streams.merged)
        self._feed = Feed() if 0 not in streams.closed and can_connect_anew(0) else None
        self._owns_terminal = self._has_owned = self._has_regained = False
        self._ready = self._killed = self._told = self.forsaken = self.lost = False
        self._status: int | None = None
        self._ended: int | None = None  # the command's status, as process 1 tells it
        self._end_by = NEVER
        self._running: set[int] = set()  # what the pumps say that they are done by
        self.failure: BaseException | None = None

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
        closed = "".join(map(str, self._streams.closed)) + ignored_as_letters()
        return str(self._child_control), str(self._guard.life), pseudo, closed or "-"

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

    def depend_on(self, descriptor: int) -> None:
        """End the sandbox, which is then `forsaken`, as soon as a descriptor says that what it depends on is gone."""

        def end(_events: int) -> None:
            self._loop.forget(descriptor)
            self.forsaken = True
            if self._status is None:
                self._kill()

        self._loop.watch(descriptor, end)

    # ---- the run ----

    def carry(self, child: int, signals: int, end: int | None = None) -> int:
        """Serve everything until the sandbox has ended and its output is out; return the exit status.

        child: the launcher's process id. signals: the descriptor that CAUGHT come from. end: one that becomes readable
        when the child ends, closed here; None where the system has one. `failure` says what went wrong with the output.
        """
        self._child, self._signals = child, signals
        for descriptor in (self._child_control, *((self._child_pseudo,) if self._terminal else ())):
            os.close(descriptor)
        try:
            self._process = end_of(child) if end is None else end
            self._loop.watch(signals, self._take_signal)
            self._loop.watch(self._control, self._take_report)
            self._loop.watch(self._process, self._take_end)
            self._loop.later(PATIENCE_SECONDS, self._see_that_it_starts)
            self._start_streams()
            while not self._over():
                self._loop.turn()
            return self._finished()
        finally:
            self._close()

    def _start_streams(self) -> None:
        if self._screen:
            come_soon(self._system)
            self._screen.start()
        for pump in set(self._pumps.values()):
            self._running.add(pump.done)
            self._loop.watch(pump.done, self._when_done(pump.done))
            pump.start()
        if self._feed:
            self._feed.start()

    def _see_that_it_starts(self, *, again: bool = True) -> None:
        """End a sandbox that does not get ready. Looked at twice: this process may have been stopped meanwhile."""
        if again:
            self._loop.later(PATIENCE_SECONDS, lambda: self._see_that_it_starts(again=False))
        elif not self._ready and self._status is None:
            self._kill()

    def _see_that_it_ends(self) -> None:
        """End a launcher that has not taken note of its process 1's end."""
        if self._status is None:
            self.lost = self._ready and self._ended is None
            self._kill()

    def _over(self) -> bool:
        showing = self._screen and (self._screen.is_open or self._screen.backlog)
        return self._status is not None and not ((showing or self._running) and time.monotonic() < self._end_by)

    def _end_within(self, seconds: float) -> None:
        """Set the moment at which what has not ended by itself is ended."""
        self._end_by = time.monotonic() + seconds
        self._loop.later(seconds, self._out_of_time)

    def _out_of_time(self) -> None:
        if self._status is None and time.monotonic() >= self._end_by:
            self._end_by = NEVER
            self._kill()

    def _finished(self) -> int:
        assert self._status is not None  # noqa: S101 -- _over() said so
        failures = [pump.failure for pump in self._pumps.values()] + [self._feed.failure if self._feed else None]
        self.failure = next((failure for failure in failures if failure), None)
        if self._killed and self._screen:
            self._screen.undo_modes()
        return self._status

    def _close(self) -> None:
        if self._terminal and self._screen:
            self._screen.await_answer()
            self._terminal.restore()
        if self._status is None:
            self._kill()
            with suppress(OSError):
                os.waitpid(self._child, 0)
        self._close_control()
        self._loop.close()
        with suppress(OSError):
            os.close(self._process)
        if self._screen and self._screen.is_open:
            os.close(self._screen.pseudo)

    def _when_done(self, done: int) -> Callable[[int], object]:
        def forget(_events: int) -> None:
            self._running.remove(done)
            self._loop.forget(done)
            os.close(done)

        return forget

    def _kill(self) -> None:
        """End the sandbox at once."""
        self._close_control()
        with suppress(OSError):  # it has ended, or does so with its process 1
            os.kill(self._child, SIGKILL)
        self._kill_group()

    def _kill_group(self) -> None:
        """End what the launcher has forked: its child waits for it without end when it is killed half-way."""
        with suppress(OSError):
            os.killpg(self._child, SIGKILL)

    def _close_control(self) -> None:
        """Close the channel to process 1 of the sandbox, which ends it and everything there."""
        if self._control >= 0:
            self._loop.forget(self._control)
            os.close(self._control)
            self._control = -1

    # ---- the sandbox's process 1 ----

    def _order(self, what: bytes, value: int = 0) -> None:
        if self._control < 0:
            return
        deliver(self._system, self._control, what + bytes((value,)))

    def _take_report(self, _events: int) -> None:
        report, sender = self._next_report()
        if report == b"R":
            self._ready = True
            self._guard.watch(sender)
            self._on_ready(sender)
            self._begin()
        elif report == b"S":
            self._command_stopped(sender)
        elif report == b"C":
            self._has_regained = False

    def _next_report(self) -> tuple[bytes, int]:
        """Return what process 1 reports, and the value (of R its own process id); (b"", 0) when there is nothing."""
        try:
            report, sender = self._system.receive(self._control)
        except BlockingIOError:
            return b"", 0
        except ConnectionResetError:
            report, sender = b"", 0
        if len(report) != 2:  # noqa: PLR2004 -- what and value
            self._loop.forget(self._control)
            self._loop.later(PATIENCE_SECONDS, self._see_that_it_ends)
            return b"", 0
        what, value = report[:1], report[1]
        if what in (b"X", b"K"):
            self._killed, self._ended = what == b"K", value + (BY_SIGNAL if what == b"K" else 0)
        return what, sender if what == b"R" else value

    def _take_end(self, _events: int) -> None:
        """Take note that the launcher, and so the sandbox, has ended. What process 1 told is the command's status."""
        self._kill_group()
        code = exit_code_of(self._child)
        while self._control >= 0 and self._next_report()[0]:
            pass
        if self._ended is None:
            self.lost = self.lost or (self._ready and code >= 0 <= self._control)
            self._killed, self._ended = code < 0, BY_SIGNAL - code if code < 0 else code
        self._status = BY_SIGNAL + self.cancelled if self.cancelled > 0 else self._ended
        self._loop.forget(self._process)
        self._close_control()
        if self._told:
            self._end_within(ABANDON_SECONDS)

    def _begin(self) -> None:
        """Let the command start: with the terminal, if it is all its own, else without until it reads from it."""
        if self._terminal and self._streams.interactive and self._terminal.in_foreground():
            self._take_terminal()
        else:
            self._order(b"B" if self._terminal else b"F")

    def _take_terminal(self) -> None:
        """Become the one who reads the terminal, and give the command what it finds there."""
        assert self._terminal and self._screen  # noqa: S101, PT018 -- only called with them
        try:
            if not self._terminal.is_raw:
                self._guard.remember(self._terminal.settings_bytes())
            self._terminal.make_raw(shared=not self._streams.interactive)
        except OSError:
            self._hang_up()
            return
        if not self._has_owned:
            self._terminal.copy_settings(self._screen.pseudo)
        self._owns_terminal = self._has_owned = True
        self._screen.read_keys(wanted=True)
        self._order(b"F")

    def _leave_terminal(self) -> None:
        assert self._terminal and self._screen  # noqa: S101, PT018 -- only called with them
        self._owns_terminal = self._has_regained = False
        self._screen.read_keys(wanted=False)
        self._terminal.restore()

    # ---- signals, stopping and going on ----

    def _take_signal(self, _events: int) -> None:
        try:
            number, by_kernel = self._system.read_signal(self._signals)
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
            self.cancelled = number
            self._kill()

    def _resize(self) -> None:
        if not (self._terminal and self._screen and self._screen.is_open):
            return
        if self._terminal.copy_size(self._screen.pseudo):
            self._screen.changed()
            if not self._owns_terminal:
                self._order(b"G", SIGWINCH)

    def _command_stopped(self, number: int) -> None:
        """Give a stopped command the terminal if that is what it wants, else stop too, with the job around it."""
        terminal = self._terminal
        if terminal and number in (SIGTTIN, SIGTTOU) and not self._has_regained and terminal.in_foreground():
            self._has_regained = self._owns_terminal  # then that is old: it is told to go on once more, and no oftener
            self._take_terminal()
            return
        if self._screen:
            self._screen.catch_up()
            self._leave_terminal()
        with Waker(self._control):
            self._system.stop(number, bool(terminal) and number != SIGSTOP)
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

    def _hang_up(self) -> None:
        """Tell the command that the terminal is gone, as the kernel would have, and see that it ends."""
        if getsignal(SIGHUP) == SIG_IGN:
            if self._screen:
                self._screen.abandon()  # the command goes on without a terminal, as it does outside
            return
        if self._told and not (self._screen and self._screen.is_open):
            return
        self._told = True
        self._order(b"G", SIGHUP)
        self._order(b"G", SIGCONT)
        if self._screen:
            self._screen.abandon()
        self._end_within(GRACE_SECONDS)
