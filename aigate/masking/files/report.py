"""What was found, as JSON or as SARIF 2.1.0 (OASIS): rules, files, lines and columns, never what was hidden.

docs/report.schema.json describes the JSON.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os

from aigate.errors import AigateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from aigate.masking.files.outcome import Finding, Outcome

MOST = 100_000  # findings in one report; all are counted
SARIF = ".sarif"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def write(path: str, outcomes: Sequence[Outcome], version: str) -> None:
    """Write a report in one piece, as SARIF where the name says so. Raises AigateError.

    What is no file, such as /dev/stdout, is written to and not replaced.
    """
    made = sarif(outcomes, version) if path.endswith(SARIF) else plain(outcomes, version)
    _put(path, json.dumps(made, indent=1) + "\n")


def check(path: str) -> None:
    """See that a report can be written, before the work begins. Raises AigateError."""
    _put(path, None)


def _put(path: str, text: str | None) -> None:
    """Write a text; without one only see whether that would go."""
    try:
        if not os.path.basename(path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "w") as file:
                file.write(text or "")
            return
        real = os.path.realpath(path)  # a link stays one
        temporary = f"{real}.{os.urandom(6).hex()}"
        try:
            with open(temporary, "x") as file:
                file.write(text or "")
            if text is not None:
                os.replace(temporary, real)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
    except OSError as error:
        raise AigateError(f"cannot write the report {path}: {error.strerror}") from None


def plain(outcomes: Iterable[Outcome], version: str) -> dict[str, Any]:
    """Return the report of docs/report.schema.json."""
    files: list[dict[str, Any]] = []
    totals: dict[str, int] = {}
    room = MOST
    for outcome in outcomes:
        for rule, count in (outcome.counts or {}).items():
            totals[rule] = totals.get(rule, 0) + count
        if not outcome.counts and outcome.left is None:
            continue
        shown = outcome.findings[:room]
        room -= len(shown)
        files.append(
            {
                "path": _text(outcome.path),
                "changed": outcome.changed,
                "left": outcome.left,
                "counts": outcome.counts or {},
                "findings": [_place(finding) for finding in shown],
                "not_listed": outcome.more + len(outcome.findings) - len(shown),
            }
        )
    return {"format": 1, "aigate": version, "counts": totals, "files": files}


def sarif(outcomes: Iterable[Outcome], version: str) -> dict[str, Any]:
    """Return the findings as one run of SARIF."""
    listed = [(outcome.path, finding) for outcome in outcomes for finding in outcome.findings][:MOST]
    rules = sorted({finding.rule for _, finding in listed})
    driver = {"name": "aigate", "version": version, "rules": [{"id": rule} for rule in rules]}
    results = [_result(path, finding, rules.index(finding.rule)) for path, finding in listed]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(path: str, finding: Finding, index: int) -> dict[str, Any]:
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }
    location = {"physicalLocation": {"artifactLocation": {"uri": _uri(path)}, "region": region}}
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": "error",
        "message": {"text": f"A secret that the rule {finding.rule} finds."},
        "locations": [location],
    }


def _place(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
    }


def _uri(path: str) -> str:
    from urllib.parse import quote

    quoted = quote(os.fsencode(os.path.normpath(path)))
    return f"file://{quoted}" if quoted.startswith("/") else quoted


def _text(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")
