"""Contents of files as blocks of bytes, unpacked where a file is packed, and packed again. Masks nothing.

gzip is RFC 1952, with several members; Zstandard is RFC 8878, by the package `zstandard` where that is installed.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

GZIP, ZSTD = "gzip", "zstd"
MAGIC = {b"\x1f\x8b\x08": GZIP, b"\x28\xb5\x2f\xfd": ZSTD}
SKIPPABLE = (
    b"\x2a\x4d\x18"  # behind 50 to 5F hexadecimal: a frame that is passed over, which parallel packers write first
)
BLOCK = 1 << 20
SLICE = 1 << 13  # of what is packed, for which the output has no limit
WBITS = 31  # of zlib: gzip's header and check sum


class DamagedError(Exception):
    """What is packed cannot be unpacked. Its text says why."""


def kind(path: str, beginning: bytes) -> str | None:
    """Tell how a file is packed, by how it begins; None: not, or in no way that is known here."""
    for magic, name in MAGIC.items():
        if beginning.startswith(magic):
            return name
    skippable = beginning[1:4] == SKIPPABLE and beginning[0] >> 4 == 5  # noqa: PLR2004 -- RFC 8878, section 3.1.2
    return ZSTD if skippable and path.endswith(".zst") else None


def blocks(descriptor: int, packing: str | None) -> Iterator[bytes]:
    """Yield the content from where the descriptor stands. Raises DamagedError and OSError."""
    raw = _raw(descriptor)
    if packing is None:
        return raw
    return _gunzip(raw) if packing == GZIP else _unzstd(raw)


def pack(content: Iterable[bytes], packing: str | None) -> Iterator[bytes]:
    """Yield the content packed."""
    if packing is None:
        yield from content
        return
    compress, flush = _compressor(packing)
    for block in content:
        if packed := compress(block):
            yield packed
    yield flush()


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _raw(descriptor: int) -> Iterator[bytes]:
    while block := os.read(descriptor, BLOCK):
        yield block


def _gunzip(raw: Iterator[bytes]) -> Iterator[bytes]:
    import zlib

    try:
        yield from _members(raw, lambda: zlib.decompressobj(WBITS))
    except zlib.error as error:
        raise DamagedError(f"damaged gzip ({error})") from None


def _members(raw: Iterator[bytes], begin: Callable[[], Any]) -> Iterator[bytes]:
    member = None
    for block in raw:
        left = block if member else block.lstrip(b"\0")  # tape blocks are filled up with them
        while left:
            member = member or begin()
            if out := member.decompress(left, BLOCK):
                yield out
            left = member.unconsumed_tail
            if member.eof:
                left, member = member.unused_data.lstrip(b"\0"), None
    if member is not None:
        while out := member.decompress(member.unconsumed_tail, BLOCK):
            yield out
        if not member.eof:
            raise DamagedError("damaged gzip (it ends too early)")


def _unzstd(raw: Iterator[bytes]) -> Iterator[bytes]:
    zstandard = _zstandard()
    frame = None
    try:
        for block in raw:
            for at in range(0, len(block), SLICE):
                left = block[at : at + SLICE]
                while left:
                    frame = frame or zstandard.ZstdDecompressor().decompressobj()
                    if out := frame.decompress(left):
                        yield out
                    left = frame.unused_data if frame.eof else b""
                    frame = None if frame.eof else frame
    except zstandard.ZstdError as error:
        if "too much memory" in str(error):  # zstd(1) asks for --long or --memory at the same size
            raise DamagedError("Zstandard that needs more than 128 MiB to unpack (zstd --long)") from None
        raise DamagedError(f"damaged Zstandard ({error})") from None
    if frame is not None:
        raise DamagedError("damaged Zstandard (it ends too early)")


def _compressor(packing: str) -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    if packing == GZIP:
        import zlib

        made = zlib.compressobj(6, zlib.DEFLATED, WBITS)
        return made.compress, made.flush
    made = _zstandard().ZstdCompressor(write_checksum=True).compressobj()
    return made.compress, made.flush


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError:
        raise DamagedError("is packed by Zstandard, which needs the Python package zstandard") from None
    return zstandard
