"""Whether a file that was JSON still is, and whether a content is text at all. Changes nothing."""

from __future__ import annotations

import json
import os

from aigate.masking.files.packed import kind, without_ending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAGICS = (b"%PDF-", b"!<arch>\n", b"PK\x03\x04", b"SQLite format 3")
WHOLE = 64 << 20  # bytes of a document that is looked at as a whole
LINE = 16 << 20


def is_binary(beginning: bytes) -> bool:
    """Tell whether a content is none that a text could stand in for, by how it begins."""
    return beginning.startswith(MAGICS) or kind("", beginning) is not None


def is_json_like(path: str, beginning: bytes) -> bool:
    """Tell whether it has to be seen that a content stays JSON, a document or lines of it."""
    name = without_ending(path)
    return name.endswith((".json", ".jsonl", ".ndjson", ".ipynb")) or beginning.lstrip()[:1] in (b"{", b"[")


def broken_json(old: Iterator[bytes], new: Iterator[bytes], size: int) -> str | None:
    """Tell how a content that was JSON no longer is, None when all is well. size: bytes of the old one, or more."""
    try:
        if size <= WHOLE:
            before, after = b"".join(old), b"".join(new)
            if _is_json(before):
                return None if _is_json(after) else "would no longer be valid JSON"
            old, new = iter((before,)), iter((after,))
        for before, after in zip(_lines(old), _lines(new), strict=False):
            if before != after and _is_json(before) and not _is_json(after):
                return "a line would no longer be valid JSON"
    except RecursionError:
        return "is JSON too deep to be checked"
    return None


def too_large(path: str, size: int) -> bool:
    """Tell whether it is one document, by its name, that cannot be looked at as a whole."""
    return size > WHOLE and os.path.splitext(without_ending(path))[1] in (".json", ".ipynb")


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _lines(content: Iterator[bytes]) -> Iterator[bytes]:
    kept = b""
    for block in content:
        *whole, kept = (kept + block).split(b"\n")
        yield from whole
        if len(kept) > LINE:
            yield kept
            kept = b""
    yield kept
