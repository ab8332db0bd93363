"""Reading the audit log: the lines of one run. Changes nothing; what is no line of the log's is left out."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from aigate.audit.log import FILE
from aigate.reading import read_from
from aigate.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

BLOCK = 1 << 16
BEGINNINGS = frozenset(("started", "refused"))


@record
class Run:
    """One run's events, in order. number: its random id."""

    number: str
    events: tuple[dict[str, Any], ...]

    def first(self, *names: str) -> dict[str, Any] | None:
        """Return the first event of these names."""
        return next((event for event in self.events if event["event"] in names), None)


def last_runs(state: str, most: int = 1) -> list[Run]:
    """Return the runs that began last, the latest first. state: `~/.aigate`."""
    found: dict[str, list[dict[str, Any]]] = {}
    complete: list[str] = []
    for event in _backwards(f"{state}/{FILE}"):
        events = found.setdefault(event["run"], [])
        events.append(event)
        if event["event"] in BEGINNINGS and event["run"] not in complete:
            complete.append(event["run"])
            if len(complete) == most:
                break
    return [Run(number, tuple(reversed(found[number]))) for number in complete]


class Reader:
    """A log from its beginning on, and what is appended later. Use as a context manager.

    Raises OSError where it cannot be read. A line counts once it has an end.
    """

    def __init__(self, state: str) -> None:
        """Open the log. state: `~/.aigate`."""
        self._file = open(f"{state}/{FILE}", "rb")  # noqa: SIM115 -- closed at the end
        self._rest = b""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield the events that have come since the last time, the oldest first."""
        while block := read_from(self._file, BLOCK):
            *lines, self._rest = (self._rest + block).split(b"\n")
            for line in lines:
                event = _event(line)
                if event is not None:
                    yield event


def _backwards(path: str) -> Iterator[dict[str, Any]]:
    """Yield the events of a log, the last one first; a file of any size is read only as far as needed."""
    try:
        file = open(path, "rb")  # noqa: SIM115 -- closed below, and there may be none
    except OSError:
        return
    with file:
        place, rest = file.seek(0, os.SEEK_END), b""
        while place:
            size = min(BLOCK, place)
            place = file.seek(place - size)
            lines = (read_from(file, size) + rest).split(b"\n")
            rest = lines[0] if place else b""
            for line in reversed(lines[1:] if place else lines):
                event = _event(line)
                if event is not None:
                    yield event


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    known = isinstance(event, dict) and isinstance(event.get("run"), str) and isinstance(event.get("event"), str)
    return event if known else None
