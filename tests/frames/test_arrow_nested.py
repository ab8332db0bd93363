"""Text inside of any other type is masked, and nothing of a column travels on in bytes that no value shows."""

from __future__ import annotations

import pyarrow as pa
import pytest

from aigate import Masker
from aigate.frames.arrow import mask_array
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("github"))
KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"
LISTED = [["a", KEY], None, [], [KEY, None]]


class Note(pa.ExtensionType):
    def __init__(self) -> None:
        super().__init__(pa.string(), "test.note")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, _storage: pa.DataType, _serialized: bytes) -> Note:
        return cls()


def union(of) -> pa.Array:
    return of([pa.array([KEY, "b", KEY, "c"]), pa.array([1, 2, 3, 4])])


ARRAYS = {
    "list": pa.array(LISTED),
    "large list": pa.array(LISTED, pa.large_list(pa.string_view())),
    "list view": pa.array(LISTED, pa.list_view(pa.string())),
    "large list view": pa.array(LISTED, pa.large_list_view(pa.large_string())),
    "list of a fixed size": pa.array([["a", KEY], None, [KEY, None], ["b", "c"]], pa.list_(pa.string(), 2)),
    "map": pa.array([[("a", KEY), (KEY, None)], None, [], [("b", KEY)]], pa.map_(pa.string(), pa.string())),
    "struct": pa.array([{"a": KEY}, None, {"a": None}, {"a": "b"}]),
    "struct of maps": pa.array(
        [{"a": [("b", [KEY])]}] * 4, pa.struct({"a": pa.map_(pa.string(), pa.list_(pa.string()))})
    ),
    "runs": pa.compute.run_end_encode(pa.array([KEY, KEY, None, "b", KEY])),
    "dictionary": pa.array(["a", KEY, None, KEY]).dictionary_encode(),
    "extension": pa.ExtensionArray.from_storage(Note(), pa.array([KEY, None, "a", KEY])),
    "sparse union": union(lambda parts: pa.UnionArray.from_sparse(pa.array([0, 1, 0, 0], pa.int8()), parts)),
    "dense union": union(
        lambda parts: pa.UnionArray.from_dense(
            pa.array([0, 1, 0, 0], pa.int8()), pa.array([0, 0, 2, 3], pa.int32()), parts
        )
    ),
}


def hidden(value):
    if isinstance(value, str):
        return value.replace(KEY, "ghp_***")
    if isinstance(value, dict):
        return {name: hidden(part) for name, part in value.items()}
    return type(value)(map(hidden, value)) if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(("start", "length"), [(0, None), (1, None), (1, 2), (3, 1), (2, 0)])
def test_text_is_masked_in_every_type_that_holds_it(name: str, start: int, length: int | None) -> None:
    array = ARRAYS[name].slice(start, length)
    masked = mask_array(array, MASKER)
    masked.validate(full=True)
    assert masked.type == array.type
    assert masked.null_count == array.null_count
    assert masked.to_pylist() == hidden(array.to_pylist())


def sent(array: pa.Array) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.schema([pa.field("a", array.type)])) as stream:
        stream.write_batch(pa.record_batch([array], ["a"]))
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("name", ARRAYS)
def test_no_row_that_was_left_out_is_sent_along(name: str) -> None:
    """Arrow writes some buffers whole, whatever the slice shows of them."""
    assert KEY.encode() not in sent(mask_array(ARRAYS[name].slice(2, 1), MASKER))


@pytest.mark.parametrize("kind", [pa.string(), pa.string_view(), pa.binary(), pa.binary_view(), pa.large_string()])
def test_no_row_of_text_that_was_left_out_is_sent_along(kind: pa.DataType) -> None:
    rows = pa.array([KEY, "clean", KEY, "a value that is too long to lie in the view itself", KEY]).cast(kind)
    for row in (1, 3):
        assert KEY.encode() not in sent(mask_array(rows.slice(row, 1), MASKER))


def test_nothing_is_left_below_a_null() -> None:
    text = f"{KEY}b".encode()
    offsets = pa.array([0, len(KEY), len(text)], pa.int32()).buffers()[1]
    array = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\2"), offsets, pa.py_buffer(text)])
    assert array.to_pylist() == [None, "b"]
    masked = mask_array(array, MASKER)
    assert masked.to_pylist() == [None, "b"]
    assert KEY.encode() not in sent(masked)
