"""What a sequence carries beside its line, as native/masker/payload.cpp has it: where its texts lie."""

from __future__ import annotations

import base64
import re

NUMBERED = re.compile(rb"([0-9]+);")
ENDS = re.compile(rb"(?:\x1b\\|\x07)\Z")


def is_carrier(sequence: bytes) -> bool:
    return sequence[1:2] in b"]PX^_" and sequence[-1:] != b";"


def carried(sequence: bytes) -> list[tuple[int, int, bool]]:
    """Return where its texts begin and end, and whether one is base64 of a text."""
    end = ENDS.search(sequence).start()
    found = NUMBERED.match(sequence, 2, end) if sequence[1:2] == b"]" else None
    if found is None:
        return [(2, end, False)]
    number, begin = found[1], found.end()
    mark = b":" if number == b"1337" and sequence.startswith(b"Copy=", begin, end) else b";"
    at = sequence.find(mark, begin, end)
    if at < 0 or (number not in (b"8", b"52", b"99", b"777", b"5522") and mark == b";"):
        return [(begin, end, False)]
    in_base64 = number in (b"52", b"5522", b"1337") or (number == b"99" and b"e=1" in sequence[begin:at].split(b":"))
    return [(begin, at, False), (at + 1, end, in_base64)]


def decoded(text: bytes) -> bytes:
    """Return what base64 or base64url stands for, whatever else stands between."""
    digits = re.sub(rb"[^A-Za-z0-9+/]", b"", text.translate(bytes.maketrans(b"-_", b"+/")))
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    return base64.b64decode(digits + b"=" * (-len(digits) % 4))
