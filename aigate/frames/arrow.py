"""Apache Arrow's arrays and tables through a masker, without a Python object for each value.

Source: the Arrow columnar format, "Variable-size Binary Layout", "Dictionary-encoded Layout".
"""

from __future__ import annotations

import pyarrow as pa

from aigate import Masker
from aigate.frames.nested import TEXTS, holds_text, with_children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

NARROW, WIDE = 4, 8  # bytes of an offset


class Counter:
    """How many matches each rule has had, over all that was masked with it."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.counts: dict[str, int] = {}

    def add(self, counts: dict[str, int]) -> None:
        """Add what one call has counted."""
        for name, count in counts.items():
            if count:
                self.counts[name] = self.counts.get(name, 0) + count


def mask_table(
    table: pa.Table, masker: Masker, columns: Iterable[str] | None = None, counter: Counter | None = None
) -> pa.Table:
    """Return a table with secrets hidden in all columns that hold text, or in those named.

    Each value is masked by itself. Raises KeyError for a column that there is not.
    """
    wanted = set(table.column_names) if columns is None else set(columns)
    if missing := wanted - set(table.column_names):
        raise KeyError(f"the table has no column {min(missing)!r}")
    for index, field in enumerate(table.schema):
        if field.name in wanted and holds_text(field.type):
            table = table.set_column(index, field, mask_array(table.column(index), masker, counter))
    return table


def mask_array(
    array: pa.Array | pa.ChunkedArray, masker: Masker, counter: Counter | None = None
) -> pa.Array | pa.ChunkedArray:
    """Return an array of the same type and length with secrets hidden; nulls stay nulls. The same one if it has none.

    Text and binary of any kind but that of a fixed size, and what has it inside: dictionaries, lists and maps, structs,
    unions, runs, extension types. Others come back as they are. Arrow writes more of a slice than its rows (all that
    views point into, of other text up to 63 bytes behind), so views are made anew, and what is behind is cut off.
    Raises OverflowError where a `string` would need wider offsets: cast to `large_string` first.
    """
    if not holds_text(array.type):
        return array
    if isinstance(array, pa.ChunkedArray):
        before = array.chunks
        chunks = [mask_array(chunk, masker, counter) for chunk in before]
        if all(made is chunk for made, chunk in zip(chunks, before, strict=True)):
            return array
        return pa.chunked_array(chunks, type=array.type)
    if array.type not in TEXTS:
        return with_children(array, lambda child: mask_array(child, masker, counter))
    kind = array.type
    if kind in (pa.string_view(), pa.binary_view()):
        plain = array.cast(pa.large_string() if kind == pa.string_view() else pa.large_binary())
        return _masked(plain, masker, counter).cast(kind)
    return _masked(array, masker, counter)


def _masked(array: pa.Array, masker: Masker, counter: Counter | None) -> pa.Array:
    """Mask an array of offsets and bytes; its nulls are kept as they are."""
    validity, offsets, data = array.buffers()
    if not len(array):
        return array
    width = WIDE if array.type in (pa.large_string(), pa.large_binary()) else NARROW
    made, counts = masker.column(data or b"", offsets, first=array.offset, count=len(array), width=width)
    if counter is not None:
        counter.add(counts)
    if made is None:
        return _without_tail(array, width)
    masked, places = made
    if validity is not None and array.offset:  # bits do not begin at a byte
        validity = pa.compute.is_valid(array).buffers()[1] if array.null_count else None
    return pa.Array.from_buffers(array.type, len(array), [validity, pa.py_buffer(places), pa.py_buffer(masked)])


def _without_tail(array: pa.Array, width: int) -> pa.Array:
    """Return an array whose bytes end with its last value's, without a copy. The same one if they do."""
    validity, offsets, data = array.buffers()
    at = (array.offset + len(array)) * width
    end = int.from_bytes(offsets[at : at + width].to_pybytes(), "little")
    if data is None or end >= data.size:
        return array
    return pa.Array.from_buffers(array.type, len(array), [validity, offsets, data.slice(0, end)], offset=array.offset)
