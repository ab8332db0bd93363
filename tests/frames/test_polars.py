"""A Polars expression masks a column, in lazy frames too."""

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
