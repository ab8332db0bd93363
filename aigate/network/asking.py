"""Asks the user about hosts that no rule names, in the process that serves a sandbox's network. Decides nothing.

Questions go to aigate over a socket, and answers come back: see `streams/questions.py`. Who asks about what is being
asked already shares the answer. Where nobody answers any more, the answer is no.
"""

from __future__ import annotations

from aigate.streams.questions import NOBODY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812
    from collections.abc import Callable

    from aigate.streams.loop import Loop

    Done = Callable[[str], None]

MOST_OPEN = 16
MOST_WAITING = 256
MOST_WORDS = 64


class Asker:
    """The questions of one run that are open."""

    def __init__(self, loop: Loop, channel: Socket) -> None:
        """Ask nothing yet. channel: to aigate."""
        self._channel, self._loop = channel, loop
        self._number = 0
        self._open: dict[tuple[str, int], tuple[int, list[Done]]] = {}
        channel.setblocking(False)
        loop.watch(channel.fileno(), self._hear)

    def ask(self, name: str, port: int, done: Done) -> None:
        """Ask whether a name may be reached on a port; `done` gets the answer's letter, once."""
        waiting = self._open.get((name, port))
        if waiting is not None:
            if len(waiting[1]) < MOST_WAITING:
                waiting[1].append(done)
            else:
                done(NOBODY)
            return
        self._number += 1
        try:
            if len(self._open) >= MOST_OPEN:
                raise BlockingIOError
            self._channel.send(f"{self._number} {name} {port}".encode("ascii"))
        except OSError:
            done(NOBODY)
            return
        self._open[name, port] = self._number, [done]

    def _hear(self, _events: int) -> None:
        try:
            number, _, letter = self._channel.recv(MOST_WORDS).decode("ascii").partition(" ")
        except BlockingIOError:
            return
        except OSError:
            number, letter = "", ""
        if not letter:
            self._loop.forget(self._channel.fileno())
            for endpoint in list(self._open):
                self._settle(endpoint, NOBODY)
            return
        for endpoint, (asked, _) in list(self._open.items()):
            if str(asked) == number:
                self._settle(endpoint, letter)

    def _settle(self, endpoint: tuple[str, int], letter: str) -> None:
        for done in self._open.pop(endpoint)[1]:
            done(letter)
