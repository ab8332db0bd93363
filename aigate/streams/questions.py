"""Questions to the user while a command has the terminal: one at a time, on a row of aigate's own, answered by a key.

Owns what is asked and for how long; what a key means is decided by who asked. A question comes over a socket as
`number name port`, its answer goes back as `number key`.
"""

from __future__ import annotations

from time import monotonic

from aigate.streams.letters import Letters
from aigate.streams.row import Row
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812
    from collections.abc import Callable

    from aigate.streams.loop import Loop, Timer

ONCE, RUN, ALWAYS, NEVER, NOBODY = "o", "r", "a", "n", "-"
MEANINGS = {ONCE: "once", RUN: "this run", ALWAYS: "always", NEVER: "never", NOBODY: "nobody answered"}
LIMIT_SECONDS = 30.0  # after which the answer is no
SETTLING_SECONDS = 0.5  # in which keys are still the command's: they were meant for it
WAITING_SECONDS = 1.0  # for a moment in which the row can be drawn without parting anything
MOST_WORDS = 1024


class Questions:
    """What is asked in one run. told: called with a host, its port and what was answered."""

    def __init__(self, channel: Socket, told: Callable[[str, int, str], object]) -> None:
        """Ask nothing yet. channel: where questions come from."""
        self._channel, self._told = channel, told
        self._open: list[tuple[int, str, int]] = []
        self._keys = Letters()
        self._since: float | None = None  # when the present one was drawn
        self._limit: Timer | None = None
        self._waiting: Timer | None = None
        self.row = Row(0, 0)
        self.always: list[str] = []
        self.never: list[str] = []

    def serve(self, loop: Loop, show: Callable[[bytes], None], is_attended: Callable[[], bool]) -> None:
        """Take questions. show: writes on the terminal. is_attended: tells whether a person's keys come here."""
        self._loop, self._show, self._is_attended = loop, show, is_attended
        self._channel.setblocking(False)
        loop.watch(self._channel.fileno(), self._take)

    def typed(self, data: bytes) -> bytes:
        """Return what of the keys is the command's: all but the one that answers."""
        key = self._keys.plain(data)
        answers = self._since is not None and monotonic() - self._since >= SETTLING_SECONDS
        letter = key.decode("latin-1")
        if not (answers and letter in (ONCE, RUN, ALWAYS, NEVER)):
            return data
        self._answer(letter)
        return b""

    def look(self) -> None:
        """Draw what is to be drawn, if this is a moment for it."""
        if self.row.wants_drawing and self.row.can_be_drawn:
            self._draw()

    def close(self) -> None:
        """Answer no to all that is open."""
        while self._open:
            self._answer(NOBODY, draw=False)
        with suppress(OSError):
            self._loop.forget(self._channel.fileno())

    def _take(self, _events: int) -> None:
        try:
            words = self._channel.recv(MOST_WORDS).decode("ascii").split(" ")
        except BlockingIOError:
            return
        except OSError:
            words = []
        if len(words) != 3:  # noqa: PLR2004 -- nobody asks any more
            self._loop.forget(self._channel.fileno())
            return
        self._open.append((int(words[0]), words[1], int(words[2])))
        if len(self._open) == 1:
            self._ask()

    def _ask(self) -> None:
        """Offer the first of those that are open."""
        self._since = None
        if not self._open:
            self.row.text = ""
        elif not (self._is_attended() and self.row.is_begun):
            self._answer(NOBODY)
            return
        else:
            _, name, port = self._open[0]
            more = f"  (+{len(self._open) - 1})" if len(self._open) > 1 else ""
            self.row.text = f"aigate: reach {name}:{port}?  o once  r this run  a always  n never{more}"
            self._limit = self._loop.later(LIMIT_SECONDS, lambda: self._answer(NOBODY))
        self.row.wants_drawing = True
        self.look()
        if self.row.wants_drawing:
            self._waiting = self._loop.later(WAITING_SECONDS, self._draw)

    def _draw(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None
        if self.row.is_begun:
            if self._open and self._since is None:
                self._since = monotonic()
            self._show(self.row.draw())

    def _answer(self, letter: str, *, draw: bool = True) -> None:
        number, name, port = self._open.pop(0)
        if self._limit:
            self._limit.cancel()
        if letter == ALWAYS:
            self.always.append(f"{name}:{port}")
        if letter == NEVER:
            self.never.append(name)
        with suppress(OSError):
            self._channel.send(f"{number} {letter}".encode("ascii"))
        self._told(name, port, MEANINGS[letter])
        if draw:
            self._ask()
