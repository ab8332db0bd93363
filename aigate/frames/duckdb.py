"""A DuckDB function that masks text, whole vectors at a time."""

from __future__ import annotations

import contextlib

import duckdb
import pyarrow as pa

from aigate.frames.arrow import mask_array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate import Masker
    from aigate.frames.arrow import Counter


def register(
    connection: duckdb.DuckDBPyConnection, masker: Masker, name: str = "aigate_mask", counter: Counter | None = None
) -> None:
    """Make `SELECT aigate_mask(column)` known to a connection. NULL stays NULL.

    One of that name that was made before goes; DuckDB's own functions stay.
    """

    def mask(texts: pa.ChunkedArray) -> pa.ChunkedArray:
        return mask_array(texts, masker, counter)

    with contextlib.suppress(duckdb.Error):  # there is none yet
        connection.remove_function(name)
    connection.create_function(name, mask, ["VARCHAR"], "VARCHAR", type="arrow")
