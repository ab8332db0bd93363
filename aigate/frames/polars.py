"""Polars expressions and series through a masker, by way of Arrow and without copies of clean bytes in Python."""

from __future__ import annotations

import polars as pl

from aigate.frames.arrow import mask_array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate import Masker
    from aigate.frames.arrow import Counter


def mask_series(series: pl.Series, masker: Masker, counter: Counter | None = None) -> pl.Series:
    """Return a series of the same name, type and length with secrets hidden.

    An Enum has its texts in its type: where one of them holds a secret, the series becomes one of String.
    """
    if isinstance(series.dtype, pl.Enum):
        texts = series.dtype.categories.to_arrow()
        if mask_array(texts, masker).equals(texts):
            return series
        series = series.cast(pl.String)
    before = series.to_arrow()
    after = mask_array(before, masker, counter)
    if after is before:
        return series
    made = pl.Series(series.name, pl.from_arrow(after))
    return made if made.dtype == series.dtype else made.cast(series.dtype)


def mask_expr(column: str | pl.Expr, masker: Masker, counter: Counter | None = None) -> pl.Expr:
    """Return an expression that masks a column, for `with_columns`, `select` and lazy frames."""
    expression = pl.col(column) if isinstance(column, str) else column
    return expression.map_batches(lambda series: mask_series(series, masker, counter), is_elementwise=True)
