"""A column is masked as each of its values by itself would be, whatever its type, its nulls and its slices."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigate import Masker
from aigate.frames.arrow import Counter, mask_array, mask_table
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("all"))
KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"
BEGIN, BODY = "-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ"
PIECES = st.sampled_from(
    ["", "a", KEY, "\n", "\r\n", " ", "\x1b[31", "\x1b[31m", "é", "\U0001f600", BEGIN, f"{BEGIN}\n", BODY]
)
TEXT = st.lists(PIECES, max_size=6).map("".join)
TYPES = (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view())


def by_itself(value: str | bytes | None) -> str | bytes | None:
    if isinstance(value, str):
        return MASKER.mask(value.encode()).decode()
    return None if value is None else MASKER.mask(value)


@given(st.lists(st.none() | TEXT, max_size=30), st.sampled_from(TYPES), st.integers(0, 5))
def test_each_value_is_masked_by_itself(values: list[str | None], kind: pa.DataType, start: int) -> None:
    array = pa.array(values, pa.string()).cast(kind).slice(start)
    masked = mask_array(array, MASKER)
    masked.validate(full=True)
    assert (masked.type, masked.null_count) == (kind, array.null_count)
    assert masked.to_pylist() == [by_itself(value) for value in array.to_pylist()]


def test_a_key_that_begins_in_one_value_hides_nothing_in_the_next() -> None:
    assert mask_array(pa.array([BEGIN, BODY]), MASKER).to_pylist() == [BEGIN, BODY]
    assert BODY not in mask_array(pa.array([f"{BEGIN}\n{BODY}\n", "next"]), MASKER)[0].as_py()


def test_dictionaries_lists_and_structs() -> None:
    texts = [f"a {KEY}", None, "b", f"a {KEY}"]
    coded = mask_array(pa.array(texts).dictionary_encode(), MASKER)
    assert pa.types.is_dictionary(coded.type)
    assert coded.to_pylist() == ["a ghp_***", None, "b", "a ghp_***"]
    nested = pa.array([{"x": [KEY, None], "n": 1}, None, {"x": None, "n": 2}, {"x": [], "n": 3}])
    masked = mask_array(nested, MASKER)
    assert masked.type == nested.type
    assert masked.to_pylist() == [{"x": ["ghp_***", None], "n": 1}, None, {"x": None, "n": 2}, {"x": [], "n": 3}]


def test_a_table_keeps_what_holds_no_text_and_counts() -> None:
    counter = Counter()
    table = pa.table({"n": [1, 2], "a": [KEY, "x"], "b": [f"{KEY} {KEY}", None]})
    masked = mask_table(table, MASKER, counter=counter)
    assert masked.schema == table.schema
    assert masked.to_pydict() == {"n": [1, 2], "a": ["ghp_***", "x"], "b": ["ghp_*** ghp_***", None]}
    assert counter.counts == {"github": 3}
    assert mask_table(table, MASKER, ["a"]).to_pydict()["b"] == [f"{KEY} {KEY}", None]
    with pytest.raises(KeyError, match="no column 'c'"):
        mask_table(table, MASKER, ["c"])


def test_many_values_and_large_ones() -> None:
    values = [f"line {number} {KEY if number % 1000 == 0 else 'x' * (number % 200)}" for number in range(20_000)]
    values[7] = "y" * 3_000_000 + f" {KEY}"
    assert mask_array(pa.array(values), MASKER).to_pylist() == [by_itself(value) for value in values]


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
def test_what_holds_no_secret_is_given_back_as_it_is(kind: pa.DataType) -> None:
    array = pa.chunked_array([pa.array(["a", None, "b"]).cast(kind), pa.array(["c"]).cast(kind)])
    assert mask_array(array.chunk(0).slice(1), MASKER).equals(array.chunk(0).slice(1))
    assert mask_array(array, MASKER) is array or pa.types.is_dictionary(kind) or kind == pa.string_view()
