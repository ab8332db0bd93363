"""What passes between the user's terminal and the command's pseudo-terminal: keys one way, output the other.

Output goes through the masker, waits while it is undecided (masking on a terminal, docs/masking.md) and while the
terminal takes no more. Owns those waiting bytes, and remembers what they did to the screen; settings, sizes and the job
control of the terminal are `aigate.streams.terminal`'s and `aigate.streams.relay`'s.
"""

from __future__ import annotations

import os
from select import select
from time import monotonic

from aigate.streams.glimpse import Glimpse
from aigate.streams.loop import EPOLLIN, EPOLLOUT
from aigate.streams.modes import ScreenModes
from aigate.streams.place import SILENT, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate import Display, Masker
    from aigate.streams.loop import Loop, Timer
    from aigate.streams.system import Guard
    from aigate.streams.terminal import Terminal

CHUNK = 1 << 16  # bytes read at once
BACKLOG = 1 << 17  # bytes that may wait for the terminal while the command goes on
ASK_SECONDS = 0.02  # for which a program has drawn before the terminal is asked: one that has ended by then never is
ANSWER_SECONDS = 2.0  # for which a terminal that was asked something is waited for at the end
HOLD_SECONDS = 0.1  # how long undecided bytes may stay off the screen
GRACE = 2  # milliseconds in which more output, or room on the terminal, is waited for without Python
ECHO_BYTES, ECHO_SECONDS = 8, 0.05  # so few undecided bytes so soon after a key are its echo, and are not kept waiting
CATCH_UP_SECONDS = 0.02
MILLISECONDS = 1000  # in a second
NEVER = float("inf")


class Screen:
    """One terminal's two directions.

    pseudo: our end of the command's pseudo-terminal, which this takes over. masker: None for output as it is.
    on_gone: called when the user's terminal can be neither read nor written any more.
    """

    def __init__(
        self,
        terminal: Terminal,
        pseudo: int,
        masker: Masker | None,
        *,
        guard: Guard,
        loop: Loop,
        on_gone: Callable[[], None],
    ) -> None:
        self.pseudo = pseudo
        self._terminal, self._guard, self._loop, self._on_gone = terminal, guard, loop, on_gone
        self._stream = _stream_for(terminal, masker)
        self._masks = masker is not None
        self._modes = ScreenModes()
        self._writing, self._written = b"", 0
        self._queue: list[bytes] = []
        self._backlog = 0  # bytes that the terminal has not taken
        self._keys = b""  # that the command has not taken
        self._reads_keys = False
        self._typed_at = -NEVER
        self._hold: Timer | None = None
        self._asks = terminal.questions
        self._glimpse = self._glimpse_for(terminal.permits.keys) if masker else None
        self._is_lost = True  # in which row the cursor is, for all that is known
        self._place = Place(self._stream.stood) if self._stream and masker and not self._asks else None
        self._asking: Timer | None = None
        self._asked_at = -NEVER
        self._meanwhile: list[bytes] = []  # what the command has said while the page is shown

    def _glimpse_for(self, keys: tuple[bytes, ...]) -> Glimpse | None:
        if not (self._stream and keys):
            return None
        return Glimpse(
            self._stream, keys, self._loop, show=self._show, told=self._terminal.on_reveal, ended=self._go_on_showing
        )

    def start(self) -> None:
        """Begin to take output. Keys come once `read_keys` says so."""
        self._loop.watch(self.pseudo, self._on_pseudo)
        if self._asks:
            self._asks.serve(self._loop, self._send, lambda: self._reads_keys)

    @property
    def is_open(self) -> bool:
        """Tell whether the command's side may still say something."""
        return self.pseudo >= 0

    @property
    def backlog(self) -> int:
        """How many bytes the terminal has not taken yet."""
        return self._backlog

    @property
    def counts(self) -> dict[str, int]:
        """How many matches each rule has hidden."""
        return self._stream.counts if self._stream else {}

    def changed(self) -> None:
        """Take note that the window has another size, or that others have drawn on the terminal."""
        self._end_glimpse()
        rows, columns = self._terminal.size()
        if self._stream and self._masks:
            self._stream.resize(rows, columns)
        if self._asks and self._asks.row.is_begun:
            self._send(self._asks.row.begin())
        self._is_lost = True

    def _ought_to_ask(self) -> bool:
        """Tell whether it is to be found out where the cursor is: once a program draws, before it does not matter.

        The terminal answers to whoever reads the keys, so it is not asked when that is somebody else.
        """
        place, stream = self._place, self._stream
        if not (self._is_lost and place and stream and self.is_open and stream.draws and self._reads_keys):
            return False
        return not place.is_asked and os.environ.get("TERM", "") not in SILENT

    def _ask_soon(self) -> None:
        """Ask in a moment: of a program that draws once and ends, the answer would come to the shell."""
        if not self._asking and self._ought_to_ask():
            self._asking = self._loop.later(ASK_SECONDS, self._ask)

    def _ask(self) -> None:
        self._asking = None
        if self._place and self._stream and self._ought_to_ask() and self._stream.asked():
            self._is_lost = False
            self._asked_at = monotonic()
            self._send(self._place.ask())

    def await_answer(self) -> None:
        """Take the terminal's answer, which comes late, so that it is not taken for what is typed into the shell.

        To be called before somebody else reads the keys. A terminal that has not answered for long never will.
        """
        end, place = self._asked_at + ANSWER_SECONDS, self._place
        while place and place.is_asked and self._reads_keys and not self._backlog:
            left = end - monotonic()
            if left <= 0 or not select([self._terminal.input], [], [], left)[0]:
                return
            try:
                data = os.read(self._terminal.input, CHUNK)
            except OSError:
                return
            if not data:
                return
            self._keys += place.typed(data)

    # ---- keys ----

    def read_keys(self, wanted: bool) -> None:
        """Begin or cease to read the terminal."""
        begins = wanted and not self._reads_keys
        if begins:
            self.changed()
        if self._asks and wanted != self._reads_keys:
            self._send(self._asks.row.begin() if wanted else self._asks.row.end())
        if not wanted:
            self.await_answer()
        self._reads_keys = wanted
        self._await_keys()

    def _await_keys(self) -> None:
        if self._reads_keys and not self._keys:
            self._loop.watch(self._terminal.input, self._take_keys)
        else:
            self._loop.forget(self._terminal.input)

    def _take_keys(self, _events: int) -> None:
        try:
            data = os.read(self._terminal.input, CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._on_gone()
            return
        if self._place:
            data = self._place.typed(data)
        if self._asks:
            data = self._asks.typed(data)
        if self._glimpse:
            data = self._glimpse.typed(data)
        self._keys += data
        self._typed_at = monotonic()
        self._type()

    def _type(self) -> None:
        """Give the command what was typed; while it takes nothing, read no more."""
        if not self._keys:
            return
        try:
            self._keys = self._keys[os.write(self.pseudo, self._keys) :]
        except BlockingIOError:
            pass
        except OSError:
            self._keys = b""
        self._await_keys()
        self._await_output()

    # ---- output ----

    def _await_output(self) -> None:
        if not self.is_open:
            return
        waiting = self._backlog + sum(map(len, self._meanwhile))
        events = (EPOLLIN if waiting < BACKLOG else 0) | (EPOLLOUT if self._keys else 0)
        if events:
            self._loop.watch(self.pseudo, self._on_pseudo, events)
        else:
            self._loop.forget(self.pseudo)  # not even a hang-up is to wake us

    def _on_pseudo(self, events: int) -> None:
        if events & EPOLLOUT and self._keys:
            self._type()
        if events & ~EPOLLOUT:
            self._take_output(self._loop.patience())

    def _take_output(self, patience: int) -> None:
        """Take what the command says. patience: milliseconds to stay with it while nothing else is to be done."""
        carries = self._loop.descriptor >= 0 and not self._is_covered()
        carries = carries and not self._asks  # what is carried past Python passes no row
        if self._stream and carries and not (self._backlog or self._keys or self._terminal.translates_line_ends()):
            self._carry(self._stream, patience)
            return
        try:
            data = os.read(self.pseudo, CHUNK)
        except BlockingIOError:
            return
        except OSError:  # EIO: nobody has the other end any more (pty(7)); elsewhere that is an end of file
            data = b""
        if not data:
            self.close()
            return
        if self._is_covered():
            self._meanwhile.append(data)
            self._await_output()
        elif self._stream:
            self._show(self._stream.feed(data))
            self._hold_undecided(self._stream)
        else:
            self._show(data)

    def _carry(self, stream: Display, patience: int) -> None:
        """Let output run to the terminal until it, or anything else, needs to be looked after."""
        self._loop.forget(self.pseudo)
        grace = GRACE if patience and monotonic() - self._typed_at >= ECHO_SECONDS else 0
        rest, is_open = stream.carry(self.pseudo, self._terminal.output, self._loop.descriptor, patience, grace)
        if rest:
            self._show(rest)
        if is_open:
            self._hold_undecided(stream)
            self._await_output()
        else:
            self.close()

    def _hold_undecided(self, stream: Display) -> None:
        """Decide how long undecided bytes wait for what comes after them."""
        self._ask_soon()
        if self._hold:
            self._hold.cancel()
            self._hold = None
        held = stream.held
        if 0 < held <= ECHO_BYTES and monotonic() - self._typed_at < ECHO_SECONDS:
            self._release()
        elif held:
            self._hold = self._loop.later(HOLD_SECONDS - GRACE / MILLISECONDS, self._release)

    def _release(self) -> None:
        self._hold = None
        if self._stream and not self._is_covered():
            self._show(self._stream.release())
            self._ask_soon()

    def _is_covered(self) -> bool:
        return self._glimpse is not None and self._glimpse.is_shown

    def _end_glimpse(self) -> None:
        if self._glimpse:
            self._glimpse.hide()

    def _go_on_showing(self) -> None:
        """Show what has come while the page was shown."""
        data, self._meanwhile = b"".join(self._meanwhile), []
        if self._stream:
            self._show(self._stream.feed(data))
            self._hold_undecided(self._stream)
        self._await_output()

    def catch_up(self) -> None:
        """Show what the command has written, for it has stopped."""
        self._end_glimpse()
        while self.is_open and select([self.pseudo], [], [], CATCH_UP_SECONDS)[0]:
            self._take_output(0)
            if self._backlog and not self._drain():
                return

    def close(self) -> None:
        """Take no more output; show what was held."""
        if not self.is_open:
            return
        self._end_glimpse()
        self._loop.forget(self.pseudo)
        os.close(self.pseudo)
        self.pseudo = -1
        for timer in (self._hold, self._asking):
            if timer:
                timer.cancel()
        if self._stream:
            self._show(self._stream.flush())
        if self._asks:
            self._asks.close()
            self._send(self._asks.row.rest() + self._asks.row.end())
        if self._stream:
            self._terminal.taken = self._stream.taken

    def abandon(self) -> None:
        """Give up: nobody looks any more."""
        self._loop.forget(self._terminal.input)
        self._loop.forget(self._terminal.output)
        self.close()
        self._drop()

    def undo_modes(self) -> None:
        """Put the screen's modes back: the command was killed and cannot do it itself."""
        try:
            os.write(self._terminal.output, self._undo())
        except OSError:
            return

    # ---- the terminal ----

    def _undo(self) -> bytes:
        """Return what puts the screen back where the command was killed."""
        return (self._asks.row.given_back() if self._asks else b"") + self._modes.undo()

    def _show(self, data: bytes) -> None:
        """Show output of the command."""
        if self._asks:
            data = self._asks.row.passed(data)
        if self._modes.watch(data):
            self._guard.undo(self._undo())
        self._send(data)
        if self._asks:
            self._asks.look()

    def _send(self, data: bytes) -> None:
        if self._terminal.translates_line_ends():
            data = data.replace(b"\r\n", b"\n")  # the pseudo-terminal has done it, and the terminal will do it again
        waiting = self._backlog > 0
        self._queue.append(data)
        self._backlog += len(data)
        if waiting:
            self._await_output()
        else:
            self._drain()

    def _drain(self, _events: int = 0) -> bool:
        """Write what the terminal takes; while much is left, read no more output. Tell whether all is out."""
        output = self._terminal.output
        try:
            while self._backlog:
                if self._written == len(self._writing):
                    self._writing, self._written = b"".join(self._queue), 0
                    self._queue.clear()
                count = os.write(output, memoryview(self._writing)[self._written :])
                self._written += count
                self._backlog -= count
        except BlockingIOError:
            pass
        except OSError:
            self._drop()
            self._on_gone()
        if self._backlog:
            self._loop.watch(output, self._drain, EPOLLOUT)
        else:
            self._loop.forget(output)
        self._await_output()
        return not self._backlog

    def _drop(self) -> None:
        self._writing, self._written, self._backlog = b"", 0, 0
        self._queue.clear()


def _stream_for(terminal: Terminal, masker: Masker | None) -> Display | None:
    """Return what output passes through, if anything is to be masked or taken out of it."""
    without = terminal.permits.without
    if not masker and without:
        from aigate import Masker

        return Masker().display(0, 0, without=without)
    return masker.display(*terminal.size(), without=without) if masker else None
