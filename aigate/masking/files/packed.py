"""Contents of files as blocks of bytes, unpacked where a file is packed, and packed again. Masks nothing.

gzip is RFC 1952, with several members; Zstandard is RFC 8878, by the package `zstandard` where that is installed; bzip2
and xz (the .xz file format, 1.2.1) with several streams.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

GZIP, ZSTD, BZIP2, XZ = "gzip", "zstd", "bzip2", "xz"
ENDINGS = (".gz", ".zst", ".bz2", ".xz")
MAGIC = {b"\x1f\x8b\x08": GZIP, b"\x28\xb5\x2f\xfd": ZSTD, b"\xfd7zXZ\0": XZ}
BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")  # behind `BZh` and a digit: how a block begins, and how nothing at all ends
XZ_MEMORY = 256 << 20  # bytes; what asks for more is no log
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
    if beginning[:3] == b"BZh" and beginning[4:10] in BZIP2_BLOCKS:
        return BZIP2
    skippable = beginning[1:4] == SKIPPABLE and beginning[0] >> 4 == 5  # noqa: PLR2004 -- RFC 8878, section 3.1.2
    return ZSTD if skippable and path.endswith(".zst") else None


def blocks(descriptor: int, packing: str | None) -> Iterator[bytes]:
    """Yield the content from where the descriptor stands. Raises DamagedError and OSError."""
    raw = _raw(descriptor)
    if packing is None:
        return raw
    return {GZIP: _gunzip, ZSTD: _unzstd, BZIP2: _unbzip2, XZ: _unxz}[packing](raw)


def first(descriptor: int, size: int) -> bytes:
    """Return how a file begins, all of it where it is small. size: its own, as far as it tells one."""
    return os.read(descriptor, min(size, BLOCK) or SLICE)


def without_ending(path: str) -> str:
    """Return the name of what is inside of a packed file."""
    for ending in ENDINGS:
        path = path.removesuffix(ending)
    return path


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
    size = min(os.fstat(descriptor).st_size + 1, BLOCK)  # a small file needs no large room
    size = BLOCK if size == 1 else size  # what has no size is no file on a disk
    while block := os.read(descriptor, size):
        yield block
        size = BLOCK if len(block) == size else SLICE


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


def _unbzip2(raw: Iterator[bytes]) -> Iterator[bytes]:
    import bz2

    return _streams(raw, bz2.BZ2Decompressor, "bzip2")


def _unxz(raw: Iterator[bytes]) -> Iterator[bytes]:
    import lzma

    return _streams(raw, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, XZ_MEMORY), "xz")


def _streams(raw: Iterator[bytes], begin: Callable[[], Any], name: str) -> Iterator[bytes]:
    stream = None
    for block in raw:
        left = block if stream else block.lstrip(b"\0")  # xz files may be filled up with them
        while left or not (stream is None or stream.needs_input):
            stream = stream or begin()
            try:
                out = stream.decompress(left, BLOCK)
            except Exception as error:  # noqa: BLE001 -- each of the two libraries has errors of its own
                raise DamagedError(f"damaged {name} ({error})") from None
            if out:
                yield out
            left, stream = (stream.unused_data.lstrip(b"\0"), None) if stream.eof else (b"", stream)
    if stream is not None:
        raise DamagedError(f"damaged {name} (it ends too early)")


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
    if packing == BZIP2:
        import bz2

        packer = bz2.BZ2Compressor()
        return packer.compress, packer.flush
    if packing == XZ:
        import lzma

        xz = lzma.LZMACompressor()
        return xz.compress, xz.flush
    made = _zstandard().ZstdCompressor(write_checksum=True).compressobj()
    return made.compress, made.flush


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError:
        raise DamagedError("is packed by Zstandard, which needs the Python package zstandard") from None
    return zstandard
