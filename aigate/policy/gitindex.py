"""Git's index as bytes (gitformat-index(5)): which paths it tracks, and the bit by which git leaves a file alone. Pure.

With the skip-worktree bit git takes a file for what the index says, whatever is on disk, and ends as a whole what
would have to change the file. Nothing else of an index is ever changed here: setting a bit and taking it back gives the
same bytes.
"""

from __future__ import annotations

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"DIRC"
HEADER = 12
COMPRESSED = 4  # the version whose names begin with what the last one began with
SHA1_BYTES, SHA256_BYTES = 20, 32
BEFORE_ID = 40  # ten numbers of what stat(2) said
LONGEST = 0xFFF
EXTENDED = 0x4000
SKIP_WORKTREE = 0x4000  # in the extended flags
PLACES = (b"EOIE", b"IEOT")  # where entries lie; git does without, and they would be wrong afterwards
SPLIT = b"link"
FEW = 32


class IndexFormatError(Exception):
    """What was read is no index, or one of a kind that is not understood. Its text says which, in a few words."""


@record
class _Entry:
    """start, end: where it lies. name: its path from the top. flags, more: its flags. body: where the name begins."""

    start: int
    end: int
    name: bytes
    flags: int
    more: int
    body: int


def tracked(data: bytes, id_bytes: int, files: frozenset[bytes], directories: tuple[bytes, ...]) -> dict[bytes, bool]:
    """Return the tracked paths among files and below directories (which end in "/"), with whether their bit is set.

    id_bytes: length of an object's id, 20 or 32. Raises IndexFormatError.
    """
    version = _version(data)
    if SPLIT in data:
        _check_whole(data, version, id_bytes)
    wanted = (*files, *directories)
    if version < COMPRESSED and len(wanted) <= FEW and not any(name in data for name in wanted):
        return {}
    return {
        entry.name: bool(entry.more & SKIP_WORKTREE)
        for entry in _entries(data, version, id_bytes)
        if entry.name in files or entry.name.startswith(directories)
    }


def with_bits(data: bytes, id_bytes: int, names: frozenset[bytes], *, skipped: bool) -> bytes:
    """Return the index with the bit of these paths set or taken back. Raises IndexFormatError."""
    version = _version(data)
    pieces: list[bytes] = []
    end, extended, changed = HEADER, False, False
    for entry in _entries(data, version, id_bytes):
        more = entry.more
        if entry.name in names:
            more = more | SKIP_WORKTREE if skipped else more & ~SKIP_WORKTREE
        extended |= bool(more)
        if more == entry.more:
            pieces.append(data[entry.start : entry.end])
        else:
            changed = True
            pieces.append(_encoded(data, entry, more, version))
        end = entry.end
    if not changed:
        return data
    if version < COMPRESSED:
        version = 3 if extended else 2
    head = SIGNATURE + version.to_bytes(4, "big") + data[8:HEADER]
    content = b"".join((head, *pieces, *_extensions(data, end, id_bytes)))
    return content + _checksum(data, content, id_bytes)


def _version(data: bytes) -> int:
    version = int.from_bytes(data[4:8], "big")
    if len(data) < HEADER or data[:4] != SIGNATURE or version not in (2, 3, 4):
        raise IndexFormatError("its index is in a format that is not known")
    return version


def _check_whole(data: bytes, version: int, id_bytes: int) -> None:
    """Raise IndexFormatError for an index of which a part lies in another file, or that is damaged."""
    end = HEADER
    for entry in _entries(data, version, id_bytes):
        end = entry.end
    for _ in _extensions(data, end, id_bytes):
        pass


def _entries(data: bytes, version: int, id_bytes: int) -> Iterator[_Entry]:
    """Yield the entries in order."""
    position, name = HEADER, b""
    fixed = BEFORE_ID + id_bytes
    try:
        for _ in range(int.from_bytes(data[8:HEADER], "big")):
            start = position
            flags = data[start + fixed] << 8 | data[start + fixed + 1]
            body, more = start + fixed + 2, 0
            if flags & EXTENDED:
                more = data[body] << 8 | data[body + 1]
                body += 2
            if version == COMPRESSED:
                kept, begin = _kept(data, body, len(name))
                position = data.index(b"\0", begin) + 1
                name = name[:kept] + data[begin : position - 1]
            else:
                length = flags & LONGEST
                stop = body + length if length < LONGEST else data.index(b"\0", body)
                name = data[body:stop]
                position = start + ((stop - start + 8) & ~7)
            yield _Entry(start, position, name, flags, more, body)
    except (IndexError, ValueError):
        raise IndexFormatError("its index is damaged") from None


def _kept(data: bytes, position: int, length: int) -> tuple[int, int]:
    """Return how much of the last name is kept, and where the rest begins. length: of the last name."""
    byte = data[position]
    cut = byte & 0x7F
    while byte & 0x80:
        position += 1
        byte = data[position]
        cut = (cut + 1) << 7 | byte & 0x7F
    if cut > length:
        raise ValueError(cut)
    return length - cut, position + 1


def _encoded(data: bytes, entry: _Entry, more: int, version: int) -> bytes:
    """Return an entry with other extended flags."""
    old = entry.body - (4 if entry.flags & EXTENDED else 2)
    flags = entry.flags | EXTENDED if more else entry.flags & ~EXTENDED
    numbers = flags.to_bytes(2, "big") + (more.to_bytes(2, "big") if more else b"")
    if version == COMPRESSED:
        return data[entry.start : old] + numbers + data[entry.body : entry.end]
    text = data[entry.start : old] + numbers + entry.name
    return text + bytes(8 - len(text) % 8)


def _extensions(data: bytes, position: int, id_bytes: int) -> Iterator[bytes]:
    """Yield what follows the entries, without what would be wrong by now."""
    stop = len(data) - id_bytes
    while position < stop:
        kind = data[position : position + 4]
        end = position + 8 + int.from_bytes(data[position + 4 : position + 8], "big")
        if end > stop:
            raise IndexFormatError("its index is damaged")
        if kind == SPLIT:
            raise IndexFormatError("its index is split (core.splitIndex)")
        if kind not in PLACES:
            yield data[position:end]
        position = end


def _checksum(data: bytes, content: bytes, id_bytes: int) -> bytes:
    """Return what ends the new index; none where the old one had none (index.skipHash)."""
    if not any(data[-id_bytes:]):
        return bytes(id_bytes)
    import hashlib

    digest = hashlib.sha1 if id_bytes == SHA1_BYTES else hashlib.sha256
    return digest(content, usedforsecurity=False).digest()
