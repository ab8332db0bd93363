"""The programs of docs/data.md, on the real engines, each after the other in one Python."""

from __future__ import annotations

import json
import pathlib
import re
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

PAGE = pathlib.Path(__file__).parents[2] / "docs/data.md"
KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.mark.filterwarnings("ignore::FutureWarning:pyspark", "ignore::ResourceWarning", "ignore::UserWarning")
def test_its_programs(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    table = pa.table({"id": [1, 2, 3], "message": [f"a {KEY}", None, "b"]})
    pq.write_table(table, "logs.parquet", compression="none")
    names: dict[str, object] = {}
    for program in re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE):
        exec(compile(program, str(PAGE), "exec"), names)  # noqa: S102 -- that is what the page is for
        if "parquet" in program and "Spark" not in program:
            assert pq.read_table("clean.parquet")["message"].to_pylist() == ["a ghp_***", None, "b"]
            pathlib.Path("clean.parquet").unlink()
    rows = [json.loads(line) for path in pathlib.Path("clean.spark").glob("*.json") for line in path.open()]
    assert {row["id"]: row.get("message") for row in rows} == {1: "a ghp_***", 2: None, 3: "b"}
    assert capsys.readouterr().out.count("{'github': 1}") == 2
    names["session"].stop()
