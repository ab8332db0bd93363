"""A SARIF report obeys the standard's own schema, of which npm has a copy."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import jsonschema
from agents import INSTALL_SECONDS
from mask_run import KEY, LINE, mask

PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
NAMES = (b"plain", b"a b", b"na\nme", b"a:b#c?d%e", b"\xff", "é".encode())


def schema() -> dict:
    where = pathlib.Path(os.environ["AIGATE_CLIENTS"]).absolute() / "sarif"
    where.mkdir(parents=True, exist_ok=True)
    words = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"]
    subprocess.run([*words, "--prefix", str(where), PACKAGE], check=True, timeout=INSTALL_SECONDS)
    (found,) = (where / "node_modules/@microsoft/jest-sarif").rglob("sarif-2.1.0*.json")
    return json.loads(found.read_text())


def test_a_report_with_and_without_findings(tmp_path: pathlib.Path) -> None:
    wanted = schema()
    (tmp_path / "d").mkdir()
    for status in (0, 3):
        assert mask("--check", "d", "--report", "r.sarif", cwd=tmp_path).returncode == status
        text = (tmp_path / "r.sarif").read_text()
        jsonschema.validators.validator_for(wanted)(wanted).validate(json.loads(text))
        assert len(json.loads(text)["runs"][0]["results"]) == (2 * len(NAMES) if status else 0)
        assert KEY not in text
        for name in NAMES:
            with open(os.fsencode(tmp_path / "d") + b"/" + name, "w") as file:
                file.write(LINE + LINE)
