"""Reading the audit log: its files in order, and the lines of runs. Changes nothing.

What is no line of the log's is left out.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from typing import TYPE_CHECKING, Any

from aigate.audit.chain import FILE, in_order
from aigate.reading import read_from
from aigate.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO, Self

BLOCK = 1 << 16
DECODER = json.JSONDecoder()
BEGINNINGS = frozenset(("started", "refused"))


@record
class Run:
    """One run's events, in order. number: its random id."""

    number: str
    events: tuple[dict[str, Any], ...]

    def first(self, *names: str) -> dict[str, Any] | None:
        """Return the first event of these names."""
        return next((event for event in self.events if event["event"] in names), None)


def opened(path: str) -> BinaryIO:
    """Open a file of the log; of anything else, a FIFO say, nothing may ever come. Raises OSError."""
    return open(path, "rb", opener=_regular)


def _regular(path: str, flags: int) -> int:
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file", path)
    return descriptor


def last_runs(state: str, most: int = 1) -> list[Run]:
    """Return the runs that began last, the latest first. state: `~/.aigate`. Raises OSError."""
    found: dict[str, list[dict[str, Any]]] = {}
    complete: list[str] = []
    for event in _all_backwards(state):
        events = found.setdefault(event["run"], [])
        events.append(event)
        if event["event"] in BEGINNINGS and event["run"] not in complete:
            complete.append(event["run"])
            if len(complete) == most:
                break
    return [Run(number, tuple(reversed(found[number]))) for number in complete]


def run_of(state: str, number: str) -> tuple[dict[str, Any], ...]:
    """Return the events of one run, in order. state: `~/.aigate`. Raises OSError."""
    found = []
    for event in _all_backwards(state):
        if event["run"] == number:
            found.append(event)
            if event["event"] in BEGINNINGS:
                break
    return tuple(reversed(found))


class Files:
    """The log's files, each opened once, in the order of their records; also those that come later.

    A file that is renamed meanwhile, since it has become full, is not met a second time. Raises OSError.
    """

    def __init__(self, state: str) -> None:
        """Open nothing yet. state: `~/.aigate`."""
        self._state = state
        self._met: set[tuple[int, int]] = set()

    def next(self) -> BinaryIO | None:
        """Open the next one; None where there is none yet."""
        for name in in_order(os.listdir(self._state)):
            try:
                file = opened(f"{self._state}/{name}")
            except FileNotFoundError:
                continue
            status = os.fstat(file.fileno())
            if (status.st_dev, status.st_ino) not in self._met:
                self._met.add((status.st_dev, status.st_ino))
                return file
            file.close()
        return None


class Reader:
    """A log from its beginning on, over all of its files, and what is appended later. Use as a context manager.

    Raises OSError where it cannot be read. A line counts once it has an end.
    """

    def __init__(self, state: str) -> None:
        """Open the log. state: `~/.aigate`."""
        self._files = Files(state)
        found = self._files.next()
        if found is None:
            raise FileNotFoundError(2, os.strerror(2), f"{state}/{FILE}")
        self._file = found
        self._rest = b""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield the events that have come since the last time, the oldest first."""
        for line in self.lines():
            event = event_of(line)
            if event is not None:
                yield event

    def lines(self) -> Iterator[bytes]:
        """Yield the lines that have come since the last time, without their ends."""
        while True:
            following = (
                self._files.next()
            )  # looked for before the end is met: nothing is added to a file with a follower
            while block := read_from(self._file, BLOCK):
                *lines, self._rest = (self._rest + block).split(b"\n")
                yield from lines
            if following is None:
                return
            self._file.close()
            self._file, self._rest = following, b""


def _all_backwards(state: str) -> Iterator[dict[str, Any]]:
    """Yield the events of all files, the last one first."""
    try:
        names = in_order(os.listdir(state))
    except OSError:
        return
    for name in reversed(names):
        yield from _backwards(f"{state}/{name}")


def _backwards(path: str) -> Iterator[dict[str, Any]]:
    """Yield the events of a file, the last one first; a file of any size is read only as far as needed."""
    try:
        file = opened(path)
    except FileNotFoundError:  # renamed in this moment
        return
    with file:
        place, rest = file.seek(0, os.SEEK_END), b""
        while place:
            size = min(BLOCK, place)
            place = file.seek(place - size)
            lines = (read_from(file, size) + rest).split(b"\n")
            rest = lines[0] if place else b""
            for line in reversed(lines[1:] if place else lines):
                event = event_of(line)
                if event is not None:
                    yield event


def event_of(line: bytes) -> dict[str, Any] | None:
    """Return the event of a line, None where it is none."""
    try:
        text = line.decode()
        event, end = DECODER.raw_decode(text)  # half of loads()' time: it looks for an encoding
        if text[end:].strip():
            return None
    except (ValueError, RecursionError):
        return None
    known = isinstance(event, dict) and isinstance(event.get("run"), str) and isinstance(event.get("event"), str)
    return event if known else None
