"""The programs of docs/data.md, on the real engines, each after the other in a Python of their own."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq

PAGE = pathlib.Path(__file__).parents[2] / "docs/data.md"
LOOK = """
import os
import pyarrow.parquet
if os.path.exists("clean.parquet"):
    print(pyarrow.parquet.read_table("clean.parquet")["message"].to_pylist())
    os.unlink("clean.parquet")
"""
KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"


def test_its_programs(tmp_path: pathlib.Path) -> None:
    table = pa.table({"id": [1, 2, 3], "message": [f"a {KEY}", None, "b"]})
    pq.write_table(table, tmp_path / "logs.parquet", compression="none")
    programs = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(program + LOOK for program in programs)],
        cwd=tmp_path,
        env=os.environ | {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("['a ghp_***', None, 'b']") == sum("clean.parquet" in program for program in programs) > 0
    rows = [json.loads(line) for path in tmp_path.glob("clean.spark/*.json") for line in path.read_text().splitlines()]
    assert {row["id"]: row.get("message") for row in rows} == {1: "a ghp_***", 2: None, 3: "b"}
    assert done.stdout.count("{'github': 1}") == 2
