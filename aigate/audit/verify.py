"""Whether the audit log is whole: what was changed, cut or lost of its chain, and where. Changes nothing.

A hash needs no key, so who may write the log may chain all of it anew, its head included. A head that was printed at a
run's end and kept elsewhere shows that.
"""

from __future__ import annotations

import os

from aigate.audit.chain import DROPPED, HEAD, LENGTH, LOST, OWN, Head, place_in_chain, read_head
from aigate.audit.reading import Files, event_of, opened
from aigate.config.cache import digest
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


@record
class Fault:
    """Something that is not as it was written. file: its name, "" for the head's. line: from 1, 0 for none."""

    file: str
    line: int
    what: str


@record
class Verified:
    """What was found. first, last: numbers of records, 0 where there are none. before: lines from before the chain."""

    first: int
    last: int
    files: int
    before: int
    faults: tuple[Fault, ...]
    head: Head


def verify(state: str, noted: Iterable[tuple[int, str]] = ()) -> Verified:
    """Look at the whole log. state: `~/.aigate`. noted: heads that were kept elsewhere, by number and (begin of) hash.

    Raises OSError where it cannot be read.
    """
    head = _head(state)  # before the log: what is written meanwhile comes after it
    expected = [*noted, *([(head.number, head.digest)] if head else [])]
    look = _Look(expected)
    files, count = Files(state), 0
    found = []
    while file := files.next():
        found.append(file)
    for file in found:
        with file:
            count += 1
            name = os.path.basename(file.name)
            for number, line in enumerate(file, 1):
                look.at(name, number, line)
    look.end(head)
    return Verified(look.first, look.last.number, count, look.before, tuple(look.faults), head or Head())


def _head(state: str) -> Head | None:
    try:
        with opened(f"{state}/{HEAD}") as file:
            return read_head(os.pread(file.fileno(), LENGTH + 1, 0))
    except FileNotFoundError:
        return None


class _Look:
    """Goes through the lines once."""

    def __init__(self, expected: Iterable[tuple[int, str]]) -> None:
        self.faults: list[Fault] = []
        self.first, self.before = 0, 0
        self.last = Head()
        self._expected: dict[int, list[str]] = {}
        for number, start in expected:
            self._expected.setdefault(number, []).append(start)
        self._dropped = 0
        self._begin = ("", 0)

    def at(self, file: str, number: int, line: bytes) -> None:
        """Look at the next line, with its end."""
        text = line.removesuffix(b"\n")
        place = place_in_chain(text)
        if place is None or event_of(text) is None:
            if self.last.number:
                self._fault(file, number, "is no record of the chain: changed, torn, or written by something else")
            else:
                self.before += 1
            return
        own, before = place
        if not self.last.number:
            self.first, self._begin = own, (file, number)
        elif own <= self.last.number:
            self._fault(file, number, f"record {own} comes after record {self.last.number}")
        elif own > self.last.number + 1:
            self._fault(file, number, f"{_records(self.last.number + 1, own - 1)} missing before it")
        elif before != self.last.digest:
            self._fault(file, number, f"record {own - 1}, or what was before record {own}, was changed")
        self._own(file, number, text)
        self.last = Head(own, digest(text))
        self._expect(file, number)

    def end(self, head: Head | None) -> None:
        """Compare the end with the head that was kept apart, and the beginning with what was dropped."""
        if self.first > self._dropped + 1:
            self._fault(*self._begin, f"{_records(self._dropped + 1, self.first - 1)} missing before it")
        if head is None:
            if self.last.number:
                self._fault("", 0, f"{HEAD} is not there, or no head: whether the end is whole cannot be told")
            return
        ahead = max([head.number, *self._expected])
        if ahead > self.last.number:
            self._fault("", 0, f"the end is cut off: {_records(self.last.number + 1, ahead)} missing")

    def _own(self, file: str, number: int, text: bytes) -> None:
        """Take in what the log tells of itself."""
        if f'"event": "{OWN}"'.encode() not in text:
            return
        event = event_of(text) or {}
        if event["event"] == OWN and event.get("kind") == DROPPED and isinstance(event.get("up_to"), int):
            self._dropped = max(self._dropped, event["up_to"])
        elif event["event"] == OWN and event.get("kind") == LOST:
            self._fault(file, number, f"{HEAD} had been lost: whether records before it were cut off cannot be told")

    def _expect(self, file: str, number: int) -> None:
        for start in self._expected.get(self.last.number, ()):
            if not self.last.digest.startswith(start):
                what = f"record {self.last.number} is not the one whose hash was kept ({start[:16]})"
                self._fault(file, number, f"{what}: it, or one before it, was changed and chained anew")

    def _fault(self, file: str, line: int, what: str) -> None:
        self.faults.append(Fault(file, line, what))


def _records(first: int, last: int) -> str:
    return f"record {first} is" if first == last else f"records {first} to {last} are"
