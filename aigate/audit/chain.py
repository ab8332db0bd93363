"""The audit log's chain: each record names its number and the hash of the one before. Pure; opens nothing.

A hash is SHA-256 (FIPS 180-4) of a record's line as it stands, without its end, in hex. The head is the last record's
number and hash; it is kept in a file of its own, so that a log whose end is missing does not look whole.
"""

from __future__ import annotations

from aigate.config.cache import digest
from aigate.record import record

FILE, HEAD, KEPT = "audit.jsonl", "audit.head", "audit-"  # KEPT: how the files that are full are named, before a number
NOTHING = "0" * 64  # what the first record names as the one before it
NUMBER, BEFORE = "n", "prev"
DIGITS = 20
WORDS = 4
LENGTH = 3 * DIGITS + len(NOTHING) + WORDS
OWN = "log"  # the event by which the log tells of itself: kind `dropped` (up to a number) or `head lost`
DROPPED, LOST = "dropped", "head lost"


@record
class Head:
    """Where a chain ends. size: bytes of the log's last file. file: its inode; 0 where a new one is to be begun."""

    number: int = 0
    digest: str = NOTHING
    size: int = 0
    file: int = 0

    def after(self, line: bytes, size: int, file: int) -> Head:
        """Return the head with one more record. line: without its end. size: of the file after it."""
        return Head(self.number + 1, digest(line), size, file)

    def is_followed_by(self, number: int, before: str) -> bool:
        """Tell whether a record that names a number and a hash comes right after this one."""
        return number == self.number + 1 and before == self.digest

    def written(self) -> bytes:
        """Return it as its file holds it, always of the same length: one write(2) of one block."""
        return f"{self.number:0{DIGITS}} {self.digest} {self.size:0{DIGITS}} {self.file:0{DIGITS}}\n".encode()


def read_head(text: bytes) -> Head | None:
    """Return the head that a file holds, None for anything else."""
    words = text.decode("latin-1").split(" ")
    if len(text) != LENGTH or len(words) != WORDS or not is_hash(words[1]):
        return None
    if not all(word.strip().isdigit() and word.isascii() for word in (words[0], words[2], words[3])):
        return None
    return Head(int(words[0]), words[1], int(words[2]), int(words[3]))


def is_hash(text: str) -> bool:
    """Tell whether a text is a whole hash."""
    return len(text) == len(NOTHING) and not text.strip("0123456789abcdef")


def place_in_chain(line: bytes) -> tuple[int, str] | None:
    """Return a record's number and the hash that it names, None for a line that has none.

    Both stand at the line's end, as `written_place` writes them, so that starting a run needs no JSON parser.
    """
    _, found, end = line.rpartition(f', "{NUMBER}": '.encode())
    number, _, rest = end.partition(f', "{BEFORE}": "'.encode())
    before = rest[: len(NOTHING)].decode("latin-1")
    if not found or rest[len(NOTHING) :] != b'"}' or not is_hash(before):
        return None
    return (int(number), before) if number.isdigit() and len(number) <= DIGITS else None


def place_after(head: Head) -> dict[str, str | int]:
    """Return the fields that a record after a head ends with."""
    return {NUMBER: head.number + 1, BEFORE: head.digest}


def is_kept(name: str) -> bool:
    """Tell whether a name in the state directory is that of a full file of the log."""
    return name.startswith(KEPT) and name.endswith(".jsonl") and name[len(KEPT) : -len(".jsonl")].isdigit()


def kept_name(number: int) -> str:
    """Return the name of a full file. number: of its last record. Names sort as the records came."""
    return f"{KEPT}{number:0{DIGITS}}.jsonl"


def kept_number(name: str) -> int:
    """Return the number of the last record in a full file."""
    return int(name[len(KEPT) : -len(".jsonl")])


def in_order(names: list[str]) -> list[str]:
    """Return the names of the log's files among others, the oldest first."""
    return [*sorted(filter(is_kept, names)), *([FILE] if FILE in names else [])]
