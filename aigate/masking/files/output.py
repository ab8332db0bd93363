"""Files masked onto one output, packed as they came. Owns what is held in memory; writes nothing itself."""

from __future__ import annotations

import os
from itertools import chain

from aigate.errors import AigateError
from aigate.masking.files import packed
from aigate.masking.files.edit import masked
from aigate.masking.stream import STDIN, STDOUT, feeds_itself, unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aigate._masker import Masker
    from aigate.masking.files.replacement import Replacement

HELD = 32 << 20  # bytes of a file up to which another one may be masked before its turn


def pieces(path: str, masker: Masker, replacement: Replacement, *, ahead: bool) -> Iterable[bytes]:
    """Return the masked content of a file, `-` for standard input. ahead: mask it now, unless it is large.

    Raises AigateError for a file that cannot be read, that is damaged, or that is the output.
    """
    made = _pieces(path, masker, replacement)
    if ahead and path != "-" and os.path.isfile(path) and os.path.getsize(path) <= HELD:
        return list(made)
    return made


def _pieces(path: str, masker: Masker, replacement: Replacement) -> Iterator[bytes]:
    try:
        descriptor = STDIN if path == "-" else os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if feeds_itself(descriptor, STDOUT):
                raise AigateError(
                    f"{path}: input file is output file", hint="write to another file, and rename that one"
                )
            yield from _masked(path, descriptor, masker, replacement)
        finally:
            if path != "-":
                os.close(descriptor)
    except (OSError, ValueError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise unreadable(path, error) from None
    except packed.DamagedError as error:
        raise AigateError(f"cannot read {path}: {error}") from None


def _masked(path: str, descriptor: int, masker: Masker, replacement: Replacement) -> Iterator[bytes]:
    first = b"" if path == "-" else os.read(descriptor, packed.BLOCK)
    packing = packed.kind(path, first)
    if packing is None:
        beginning: tuple[bytes, ...] = (first,) if first else ()
    else:
        os.lseek(descriptor, 0, os.SEEK_SET)
        beginning = ()
    content = chain(beginning, packed.blocks(descriptor, packing))
    return packed.pack(masked(content, masker, replacement), packing)
