"""Columns: aigate.frames against the engines' own regular expressions, and Spark against a Python function a row.

Usage: python benchmarks/columns.py [MB]. Needs the packages of `.[frames]`. Ratios of processor time in one process, in
turns, medians; for Spark of time, in one session with two workers. The rivals look for one alternation of what the
corpora need, which is less than the rules look for; which values each changes is compared before anything is measured.
"""

from __future__ import annotations

import contextlib
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import corpus
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from masker import ALTERNATION, seven_rules

from aigate import Masker
from aigate.frames import arrow
from aigate.frames import duckdb as in_duckdb
from aigate.frames import polars as in_polars
from aigate.masking.rule import Rule
from aigate.masking.rules import preset_rules

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

TURNS = 5
MB = 1 << 20
Work = Callable[[], Any]


def column(kind: str, size: int) -> pa.Array:
    """Return a corpus as an array of its lines."""
    return pa.array(corpus.CORPORA[kind](size).decode().splitlines(), pa.large_string())


def works(array: pa.Array) -> dict[str, Work]:
    """Return what masks a column, by the name of who does it."""
    seven, every = Masker(seven_rules()), Masker(preset_rules("all"))
    text = "\n".join(array.to_pylist()).encode()
    series = pl.DataFrame({"line": pl.from_arrow(array)})
    connection = duckdb.connect()
    connection.execute("SET threads TO 1")
    in_duckdb.register(connection, seven)
    table = pa.table({"line": array})
    connection.register("logs", table)

    def by_polars(expression: pl.Expr) -> pl.Series:
        return series.lazy().select(expression).collect()["line"]

    def by_duckdb(expression: str) -> pa.ChunkedArray:
        return connection.sql(f"SELECT {expression} AS line FROM logs").to_arrow_table()["line"]  # noqa: S608

    quoted = ALTERNATION.replace("'", "''")
    return {
        "aigate, as one text": lambda: pa.chunked_array([[seven.mask(text).decode()]]),
        "aigate, Arrow": lambda: arrow.mask_array(array, seven),
        "aigate, Arrow, all presets": lambda: arrow.mask_array(array, every),
        "aigate, Polars": lambda: by_polars(in_polars.mask_expr("line", seven)),
        "aigate, DuckDB": lambda: by_duckdb("aigate_mask(line)"),
        "pyarrow's own": lambda: pc.replace_substring_regex(array, ALTERNATION, "***"),
        "Polars' own": lambda: by_polars(pl.col("line").str.replace_all(ALTERNATION, "***")),
        "DuckDB's own": lambda: by_duckdb(f"regexp_replace(line, '{quoted}', '***', 'g')"),
    }


def check(array: pa.Array) -> None:
    """Raise AssertionError unless all change the same values."""
    before = array.to_pylist()
    wanted: list[bool] | None = None
    for name, work in works(array).items():
        if "text" not in name and "presets" not in name:
            made = work()
            after = made.to_list() if isinstance(made, pl.Series) else made.to_pylist()
            changed = [one != other for one, other in zip(before, after, strict=True)]
            wanted = wanted or changed
            assert any(changed), name
            assert changed == wanted, (name, [b for b, x, y in zip(before, changed, wanted, strict=True) if x != y][:3])


def measured(array: pa.Array) -> dict[str, float]:
    """Return the processor time of each, in seconds."""
    found = works(array)
    times: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(TURNS):
        for name, work in found.items():
            begun = time.process_time()
            work()
            times[name].append(time.process_time() - begun)
    return {name: statistics.median(values) for name, values in times.items()}


def spark_times(size: int, length: int = 200, sets: Sequence[str] = ("7 rules", "all presets")) -> dict[str, float]:
    """Return how long Spark takes for rows of so many bytes, by `mapInArrow` and by a Python function for each row.

    That is the usual function of a row, which Spark sends its rows pickled (`useArrow=False`).
    """
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import udf

    from aigate.frames.spark import mask_frame

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = (
        builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    text = corpus.CORPORA["clean"](4 * MB).decode().replace("\n", " | ")
    lines = [text[at : at + length] for at in range(0, len(text), length)]
    rows = session.createDataFrame([(line,) for line in lines], "line string").repartition(2)
    frame = rows.crossJoin(session.range(size // 4, numPartitions=1)).select("line").repartition(2).cache()
    frame.count()
    ways: dict[str, Callable[[], DataFrame]] = {"nothing, by mapInArrow": lambda: frame.mapInArrow(_same, frame.schema)}
    for name in sets:
        rules = tuple(seven_rules()) if name == "7 rules" else preset_rules("all")
        ways[f"aigate, {name}"] = lambda rules=rules: mask_frame(frame, rules, ["line"])
        ways[f"a Python function, {name}"] = lambda rules=rules: frame.select(
            udf(_by_rows(rules), "string", useArrow=False)("line")
        )
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(2):
        for name, way in ways.items():
            begun = time.monotonic()
            way().write.format("noop").mode("overwrite").save()
            if turn:  # the first one starts the workers
                times[name].append(time.monotonic() - begun)
    session.stop()
    return {name: statistics.median(values) for name, values in times.items()}


def _same(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    return batches


def _by_rows(rules: Sequence[Rule]) -> Callable[[str], str]:
    """Return what somebody without aigate would write, of those rules that Python's `re` takes."""
    patterns = []
    for rule in rules:
        with contextlib.suppress(re.error):
            patterns.append(re.compile(rule.regex, re.IGNORECASE if rule.case_insensitive else 0))

    def mask(line: str) -> str:
        for pattern in patterns:
            line = pattern.sub("***", line)
        return line

    return mask


def main() -> None:
    """Print the ratios."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 32
    check(column("dense", MB))
    for kind in ("clean", "dense"):
        array = column(kind, size * MB)
        times = measured(array)
        print(f"\n{kind}, {len(array)} values, {size} MB: MB/s of processor time, and how many times the rival's")
        for name, taken in times.items():
            ratios = ", ".join(f"{times[rival] / taken:.1f} x {rival}" for rival in times if rival.endswith("own"))
            print(f"  {name}: {size / taken:.0f} MB/s" + (f" ({ratios})" if name.startswith("aigate") else ""))
        print(f"  a column of the rate as one text: {times['aigate, as one text'] / times['aigate, Arrow']:.2f}")
    times = spark_times(size)
    print("\nSpark, local[2]:", ", ".join(f"{name} {taken:.2f} s" for name, taken in times.items()))
    for name in ("7 rules", "all presets"):
        ratio = times[f"a Python function, {name}"] / times[f"aigate, {name}"]
        print(f"  {name}: {ratio:.1f} x a Python function for each row")


if __name__ == "__main__":
    main()
