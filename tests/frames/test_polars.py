"""A Polars expression masks a column, in lazy frames too."""

import pathlib

import polars as pl

from aigate import Masker
from aigate.frames.arrow import Counter
from aigate.frames.polars import mask_expr, mask_series
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("all"))
KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"


def test_an_expression() -> None:
    counter = Counter()
    frame = pl.DataFrame({"n": [1, 2, 3], "log": [f"a {KEY}", None, "b"]})
    made = frame.lazy().with_columns(mask_expr("log", MASKER, counter)).collect()
    assert made.to_dict(as_series=False) == {"n": [1, 2, 3], "log": ["a ghp_***", None, "b"]}
    assert made.schema == frame.schema
    assert counter.counts == {"github": 1}


def test_series_of_other_types() -> None:
    categories = pl.Series("c", ["x", KEY, None, KEY], dtype=pl.Categorical)
    masked = mask_series(categories, MASKER)
    assert (masked.dtype, masked.to_list()) == (categories.dtype, ["x", "ghp_***", None, "ghp_***"])
    assert mask_series(pl.Series("n", [1, 2]), MASKER).to_list() == [1, 2]


def test_an_enum_that_names_a_secret_becomes_text() -> None:
    frame = pl.DataFrame({"a": pl.Series([KEY, "b", None], dtype=pl.Enum([KEY, "b"]))})
    for made in (
        frame.with_columns(mask_expr("a", MASKER)),
        frame.lazy().with_columns(mask_expr("a", MASKER)).collect(),
    ):
        assert made.to_dict(as_series=False) == {"a": ["ghp_***", "b", None]}
        assert KEY not in str(made.schema)
    clean = pl.Series("a", ["b"], dtype=pl.Enum(["b"]))
    assert mask_series(clean, MASKER).dtype == clean.dtype
    counter = Counter()
    mask_series(frame["a"], MASKER, counter)
    assert counter.counts == {"github": 1}


def test_lazy_frames_that_stream_and_that_are_written_away(tmp_path: pathlib.Path) -> None:
    pl.DataFrame({"n": range(6000), "a": [KEY, None, "b"] * 2000}).write_parquet(tmp_path / "a.parquet")
    lazy = pl.scan_parquet(tmp_path / "a.parquet").with_columns(mask_expr("a", MASKER))
    lazy.sink_parquet(tmp_path / "b.parquet")
    for made in (lazy.collect(engine="streaming"), pl.read_parquet(tmp_path / "b.parquet")):
        assert made.sort("n")["a"].to_list() == ["ghp_***", None, "b"] * 2000
