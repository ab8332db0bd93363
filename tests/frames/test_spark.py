"""Spark in local mode with two workers: rules are shipped once, counts come back to the driver."""

import sys
from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from aigate.frames.spark import Counts, mask_frame
from aigate.masking.rule import Rule
from aigate.masking.rules import preset_rules

KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)  # a worker is the Python that has aigate
        yield from session()


def session() -> Iterator[SparkSession]:
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = (
        builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.mark.filterwarnings("ignore::FutureWarning:pyspark", "ignore::ResourceWarning")
def test_a_frame(spark: SparkSession) -> None:
    frame = spark.range(4000, numPartitions=4).selectExpr("id", f"if(id % 2 = 0, concat(id, ' {KEY}'), null) AS line")
    counts = spark.sparkContext.accumulator({}, Counts())
    rules = (*preset_rules("all"), Rule("own", "corp-[0-9]{4}", 5))
    rows = mask_frame(frame, rules, ["line"], counts).collect()  # not sorted by Spark, which would work twice
    assert sorted(tuple(row) for row in rows) == [(n, f"{n} ghp_***" if n % 2 == 0 else None) for n in range(4000)]
    assert counts.value == {"github": 2000}
    with pytest.raises(KeyError, match="no column 'x'"):
        mask_frame(frame, rules, ["x"])
