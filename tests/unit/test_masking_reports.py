"""`--check` and `--report`: exit statuses, places, the two formats, and never a secret."""

from __future__ import annotations

import json
import pathlib

import jsonschema
from mask_run import KEY, LINE, MASKED, mask

SCHEMA = json.loads((pathlib.Path(__file__).parents[2] / "docs/report.schema.json").read_text())
TEXT = f"first\né {LINE}"


def test_check_says_where_and_changes_nothing(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").write_text(TEXT)
    done = mask("--check", "a", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "a:2:14: anthropic\n")
    assert (tmp_path / "a").read_text() == TEXT
    (tmp_path / "a").write_text(MASKED)
    assert mask("--check", "a", cwd=tmp_path).returncode == 0
    assert mask("--check", "missing", cwd=tmp_path).returncode == 4


def test_the_report(tmp_path: pathlib.Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a").write_text(TEXT)
    (tmp_path / "d" / "b").write_bytes(b"\0" + LINE.encode())
    done = mask("--in-place", "d", "--report", "d/r.json", "-j", "2", cwd=tmp_path)
    assert done.returncode == 4
    text = (tmp_path / "d/r.json").read_text()
    report = json.loads(text)
    jsonschema.validate(report, SCHEMA)
    assert KEY[8:] not in text
    place = {"rule": "anthropic", "line": 2, "column": 14, "end_line": 2, "end_column": 40}
    first, second = report["files"]
    assert (first.pop("findings"), first.pop("not_listed")) == ([place], 0)
    assert first == {"path": "d/a", "changed": True, "left": None, "counts": {"anthropic": 1}}
    assert (second["changed"], second["left"]) == (False, "is binary")
    assert report["counts"] == {"anthropic": 2}


def test_sarif(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a b").write_text(TEXT)
    assert mask("--check", "a b", "--report", "r.sarif", cwd=tmp_path).returncode == 3
    text = (tmp_path / "r.sarif").read_text()
    log = json.loads(text)
    (run,) = log["runs"]
    (result,) = run["results"]
    assert log["version"] == "2.1.0"
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "anthropic"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b"},
        "region": {"startLine": 2, "startColumn": 14, "endLine": 2, "endColumn": 40},
    }
    assert KEY[8:] not in text
