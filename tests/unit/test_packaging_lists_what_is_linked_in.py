"""A release's list of parts (CycloneDX) names RE2, which is inside the wheels and no package of its own."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

SBOM = pathlib.Path(__file__).parents[2] / "packaging/sbom.py"
RE2 = "pkg:github/google/re2@2022-06-01"


def listed(path: pathlib.Path, name: str) -> tuple[int, dict]:
    part = {"bom-ref": f"{name}==1", "name": name, "type": "library"}
    path.write_text(json.dumps({"components": [part], "dependencies": [{"ref": part["bom-ref"]}]}))
    done = subprocess.run([sys.executable, SBOM, path], capture_output=True, text=True)
    subprocess.run([sys.executable, SBOM, path], capture_output=True)  # a second time it changes nothing
    return done.returncode, json.loads(path.read_text())


def test_re2_is_a_part_of_ours(tmp_path: pathlib.Path) -> None:
    status, parts = listed(tmp_path / "list.json", "aigate-sandbox")
    assert status == 0
    assert [one["name"] for one in parts["components"]] == ["aigate-sandbox", "re2"]
    assert parts["components"][1]["bom-ref"] == RE2
    assert parts["dependencies"] == [{"ref": "aigate-sandbox==1", "dependsOn": [RE2]}]


def test_a_list_of_something_else_is_refused(tmp_path: pathlib.Path) -> None:
    status, parts = listed(tmp_path / "list.json", "aigate")
    assert status == 1
    assert len(parts["components"]) == 1
