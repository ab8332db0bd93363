"""A Spark data frame through a masker: `mapInArrow`, rules compiled once for each worker process."""

from __future__ import annotations

import pyarrow as pa
from pyspark.accumulators import AccumulatorParam

from aigate import Masker
from aigate.frames.arrow import Counter, mask_array
from aigate.masking.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Described = tuple[tuple[Any, ...], ...]
    from collections.abc import Callable, Iterable, Iterator

    from pyspark.accumulators import Accumulator
    from pyspark.sql import DataFrame

_maskers: dict[Described, Masker] = {}  # of this worker
FIELDS = ("name", "regex", "show_prefix", "case_insensitive", "source", "token", "armored", "check", "below")


class Counts(AccumulatorParam):  # type: ignore[misc]
    """Adds up counts by rule on the driver."""

    def zero(self, value: dict[str, int]) -> dict[str, int]:  # noqa: ARG002 -- Spark's own signature
        """Return nothing counted."""
        return {}

    def addInPlace(self, one: dict[str, int], other: dict[str, int]) -> dict[str, int]:  # noqa: N802 -- Spark's name
        """Add up two counts."""
        for name, count in other.items():
            one[name] = one.get(name, 0) + count
        return one


def mask_frame(
    frame: DataFrame, rules: Iterable[Rule], columns: Iterable[str], counts: Accumulator | None = None
) -> DataFrame:
    """Return a frame with secrets hidden in the named columns of text.

    counts: `spark.sparkContext.accumulator({}, Counts())`, which has the counts by rule once the work is done: more
    than once where Spark does a part of it again, as with all accumulators in transformations. Raises KeyError for a
    column that there is not.
    """
    wanted = tuple(columns)
    if missing := set(wanted) - set(frame.columns):
        raise KeyError(f"the frame has no column {min(missing)!r}")
    described = tuple(tuple(getattr(rule, field) for field in FIELDS) for rule in rules)
    return frame.mapInArrow(_worker(described, wanted, counts), frame.schema)


def _worker(
    described: Described, wanted: tuple[str, ...], counts: Accumulator | None
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what a worker does with its batches. Rules travel as plain values; what is compiled stays there."""

    def mask(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        masker = _maskers.get(described)
        if masker is None:
            masker = _maskers[described] = Masker([Rule(*rule) for rule in described])
        counter = Counter()
        for batch in batches:
            arrays = [
                mask_array(array, masker, counter) if name in wanted else array
                for name, array in zip(batch.schema.names, batch.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=batch.schema)
        if counts is not None:
            counts.add(counter.counts)

    return mask
