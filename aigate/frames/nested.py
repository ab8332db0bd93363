"""Arrow's types that hold others: what text is inside of them, and the same array around other children.

Source: the Arrow columnar format, "Physical Memory Layout" and "Extension Types". Masks nothing itself.
"""

from __future__ import annotations

import pyarrow as pa
from pyarrow import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[pa.Array], pa.Array]

TEXTS = (pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), pa.string_view(), pa.binary_view())
LISTS = (  # how to tell one, and how many buffers it has before those of its values
    (types.is_list, 2),
    (types.is_large_list, 2),
    (types.is_list_view, 3),
    (types.is_large_list_view, 3),
    (types.is_fixed_size_list, 1),
)


def holds_text(kind: pa.DataType) -> bool:
    """Tell whether arrays of a type can hold a secret in a form that is looked at."""
    if isinstance(kind, pa.BaseExtensionType):
        return holds_text(kind.storage_type)
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind) or _buffers_of_list(kind):
        return holds_text(kind.value_type)
    if types.is_struct(kind) or types.is_union(kind) or types.is_map(kind):
        return any(holds_text(kind.field(index).type) for index in range(kind.num_fields))
    return kind in TEXTS


def with_children(array: pa.Array, change: Change) -> pa.Array:
    """Return an array of the same type, length and nulls around its children as `change` returns them.

    What no value reaches, before a slice or below a null, is changed as well.
    """
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        made = pa.ExtensionArray.from_storage(kind, change(array.storage))
    elif types.is_dictionary(kind):
        made = pa.DictionaryArray.from_arrays(array.indices, change(array.dictionary), ordered=kind.ordered)
    elif types.is_struct(kind):
        children = [change(array.field(index)) for index in range(kind.num_fields)]
        made = pa.StructArray.from_arrays(children, fields=list(kind), mask=array.is_null())
    elif types.is_union(kind):
        made = _union(array, [change(array.field(index)) for index in range(kind.num_fields)])
    elif types.is_run_end_encoded(kind):
        made = _around(array, 1, array.run_ends, change(array.values))
    elif types.is_map(kind):
        fields = list(kind.field(0).type)
        made = _around(array, 2, pa.StructArray.from_arrays([change(array.keys), change(array.items)], fields=fields))
    else:
        made = _around(array, _buffers_of_list(kind), change(array.values))
    return made


def _buffers_of_list(kind: pa.DataType) -> int:
    return next((count for is_one, count in LISTS if is_one(kind)), 0)


def _around(array: pa.Array, count: int, *children: pa.Array) -> pa.Array:
    """Return an array with its own first buffers and other children."""
    own = array.buffers()[:count]
    return pa.Array.from_buffers(array.type, len(array), own, offset=array.offset, children=list(children))


def _union(array: pa.UnionArray, children: list[pa.Array]) -> pa.Array:
    """Return a union of other children: those of a dense one are whole, those of a sparse one cut as the array is."""
    kind = array.type
    if kind.mode == "dense":
        return _around(array, 3, *children)
    names = [kind.field(index).name for index in range(kind.num_fields)]
    codes = array.buffers()[1].slice(array.offset, len(array))  # a byte each
    codes = pa.Array.from_buffers(pa.int8(), len(array), [None, codes])
    return pa.UnionArray.from_sparse(codes, children, names, kind.type_codes)
