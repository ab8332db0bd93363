"""A DuckDB function masks text in a query."""

import duckdb

from aigate import Masker
from aigate.frames.arrow import Counter
from aigate.frames.duckdb import register
from aigate.masking.rule import Rule
from aigate.masking.rules import preset_rules

KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"


def test_a_query() -> None:
    counter = Counter()
    with duckdb.connect() as connection:
        register(connection, Masker(preset_rules("all")), counter=counter)
        connection.execute("CREATE TABLE logs AS SELECT range AS n, NULL::VARCHAR AS line FROM range(5000)")
        connection.execute("UPDATE logs SET line = 'id ' || n || ? WHERE n % 2 = 0", [f" {KEY}"])
        rows = connection.execute("SELECT n, aigate_mask(line) FROM logs ORDER BY n").fetchall()
    assert rows == [(n, f"id {n} ghp_***" if n % 2 == 0 else None) for n in range(5000)]
    assert counter.counts == {"github": 2500}


def test_a_second_time_takes_the_place_of_the_first() -> None:
    with duckdb.connect() as connection:
        register(connection, Masker([Rule("own", "corp-[0-9]+", 5)]))
        register(connection, Masker(preset_rules("all")))
        assert connection.execute("SELECT aigate_mask(?)", [f"corp-1 {KEY}"]).fetchall() == [("corp-1 ghp_***",)]
