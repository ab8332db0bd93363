"""What a page about the audit log asks for, kept up to date while the log grows: runs, refusals, counts.

Of events only what is counted is kept in memory, and where each line stands; one run's lines are read when one asks
for them. Changes nothing. Every text comes as it is in the log: whoever shows it escapes it.
"""

from __future__ import annotations

import os
import threading
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any

from aigate.audit.reading import BEGINNINGS, Files, event_of
from aigate.audit.wording import hidden, number, told
from aigate.reading import read_from

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

BLOCK = 1 << 20
PLACE_BITS = 44  # of a place: the file's number above, the offset in it below
MOST_EVENTS, MOST_RUNS, MOST_COUNTED = 2000, 100, 40
HOUR = len("2026-11-29T12")
ALL = ""  # a beginning of time: every moment, as text, is after it


class RunRow:
    """One run, as far as it is known."""

    __slots__ = ("began", "command", "directory", "ended", "hidden", "number", "places", "refused", "seconds", "status")

    def __init__(self, number: str, began: str) -> None:
        self.number, self.began = number, began
        self.ended, self.command, self.directory = "", "", ""
        self.status: int | None = None
        self.seconds = 0.0
        self.refused = self.hidden = 0
        self.places = array("Q")

    def plain(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "places"}

    def holds(self, text: str) -> bool:
        """Tell whether a text, in small letters, stands in what it is found by."""
        return any(text in field.lower() for field in (self.command, self.directory, self.number))


class Index:
    """The log of a state directory. `update` before each question; safe to be used by several threads."""

    def __init__(self, state: str) -> None:
        """Read nothing yet. state: `~/.aigate`."""
        self._files = Files(state)
        self._opened: list[BinaryIO] = []
        self._place = 0
        self._lock = threading.Lock()
        self._runs: dict[str, RunRow] = {}
        self._refusals: list[tuple[str, str, str, RunRow, int]] = []  # when, host or "", rule, of which run, how often
        self._masked: list[tuple[str, dict[str, int]]] = []
        self.events = 0

    def close(self) -> None:
        """Close the files."""
        while self._opened:
            self._opened.pop().close()

    def update(self) -> None:
        """Take in what has been written since the last time. Raises OSError."""
        with self._lock:
            while True:
                following = self._files.next()  # looked for first: nothing is added to a file that has a follower
                if self._opened:
                    self._read_on()
                if following is None:
                    return
                self._opened.append(following)
                self._place = 0

    def summary(self, since: str, text: str) -> dict[str, Any]:
        """Return counts from a moment on. text: only of runs that hold it; "" for all."""
        with self._lock:
            chosen = self._chosen(since, text)
            refusals = self._refusals if since == ALL else [one for one in self._refusals if one[0] >= since]
            if text:
                named = {run.number for run in chosen}
                refusals = [one for one in refusals if one[3].number in named]
            masked: Counter[str] = Counter()
            for when, counts in self._masked:
                if when >= since and not text:
                    masked.update(counts)
            return {
                "events": self.events,
                "runs": len(chosen),
                "failed": sum(1 for run in chosen if run.status),
                "refused": sum(one[4] for one in refusals),
                "hidden": sum(run.hidden for run in chosen),
                "hours": sorted(_counted((one[0][:HOUR], one[4]) for one in refusals).items()),
                "hosts": _most((one[1], one[4]) for one in refusals),
                "rules": _most((one[2], one[4]) for one in refusals),
                "commands": _most((_program(one[3].command), one[4]) for one in refusals),
                "masked": (masked if not text else Counter()).most_common(MOST_COUNTED),
            }

    def runs(self, since: str, text: str, skip: int) -> dict[str, Any]:
        """Return some runs, the latest first. skip: so many of them are there already."""
        with self._lock:
            chosen = self._chosen(since, text)[::-1]
            return {"all": len(chosen), "runs": [run.plain() for run in chosen[skip : skip + MOST_RUNS]]}

    def run(self, number: str) -> dict[str, Any] | None:
        """Return one run with its events in words, None where there is none."""
        with self._lock:
            run = self._runs.get(number)
            if run is None:
                return None
            places = run.places[:MOST_EVENTS]
            events = [event for place in places if (event := self._event_at(place)) is not None]
        said = [{"time": event.get("time"), "event": event["event"], "words": told(event)} for event in events]
        return {**run.plain(), "events": said, "more": max(0, len(run.places) - MOST_EVENTS)}

    def _chosen(self, since: str, text: str) -> list[RunRow]:
        small = text.lower()
        return [run for run in self._runs.values() if run.began >= since and (not small or run.holds(small))]

    def _read_on(self) -> None:
        file = self._opened[-1]
        file.seek(self._place)
        rest = b""
        while block := read_from(file, BLOCK):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                self._take(line)
                self._place += len(line) + 1

    def _take(self, line: bytes) -> None:
        event = event_of(line)
        if event is None:
            return
        self.events += 1
        when = str(event.get("time") or "")
        run = self._runs.get(event["run"])
        if run is None:
            run = self._runs[event["run"]] = RunRow(event["run"], when)
        run.places.append((len(self._opened) - 1 << PLACE_BITS) | self._place)
        self._count(event, event["event"], when, run)

    def _count(self, event: dict[str, Any], name: str, when: str, run: RunRow) -> None:
        if name in BEGINNINGS:
            run.command = str(event.get("command") or event.get("entry") or "")
            run.directory = str(event.get("directory") or "")
        if name == "ended":
            run.ended, run.status = when, number(event.get("status"))
            run.seconds = event["seconds"] if isinstance(event.get("seconds"), (int, float)) else 0.0
            counts = hidden(event)
            run.hidden += sum(counts.values())
            if counts:
                self._masked.append((when, counts))
        for host, rule, times in _refused(event, name):
            run.refused += times
            self._refusals.append((when, host, rule, run, times))

    def _event_at(self, place: int) -> dict[str, Any] | None:
        file = self._opened[place >> PLACE_BITS]
        file.seek(place & (1 << PLACE_BITS) - 1)
        return event_of(file.readline())


def _refused(event: dict[str, Any], name: str) -> Iterator[tuple[str, str, int]]:
    """Yield what an event says was refused: host or "", the rule, and how often."""
    if name == "net_refused":
        yield str(event.get("subject")), str(event.get("reason")), 1
    elif name == "net_repeated" and number(event.get("count")) > 1:
        yield str(event.get("subject")), str(event.get("reason")), number(event.get("count")) - 1
    elif name == "refused":
        yield "", f"{event.get('reason')}: {event.get('entry') or ''}", 1
    elif name == "watched" and event.get("why"):
        yield "", str(event["why"]), 1


def _program(command: str) -> str:
    return os.path.basename(command.split(None, 1)[0]) if command.strip() else ""


def _counted(pairs: Iterator[tuple[str, int]]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for name, times in pairs:
        if name:
            counted[name] += times
    return counted


def _most(pairs: Iterator[tuple[str, int]]) -> list[tuple[str, int]]:
    return _counted(pairs).most_common(MOST_COUNTED)
