"""The last runs are found at the end of a log of any length, whatever else stands there."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from aigate.audit import reading

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("block", [7, 64, 1 << 16])
@pytest.mark.parametrize("seed", range(5))
def test_the_last_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    monkeypatch.setattr(reading, "BLOCK", block)
    events, started = [], []
    for number in range(12):
        name = str(dice.randint(0, 5))
        kind = "started" if name not in started else "net_refused"
        started += [name] if kind == "started" else []
        events.append({"run": name, "event": kind, "n": number, "text": "x" * dice.randint(0, 200)})
    lines = [json.dumps(event) for event in events]
    lines[3:3] = ["torn {", "[]", json.dumps({"run": 1, "event": "started"}), ""]
    (tmp_path / "audit.jsonl").write_text("\n".join(lines) + dice.choice(("", "\n")))
    expected = [(run, [event for event in events if event["run"] == run]) for run in reversed(started)]
    found = reading.last_runs(str(tmp_path), 3)
    assert [(run.number, list(run.events)) for run in found] == expected[:3]


def test_no_log_has_no_runs(tmp_path: Path) -> None:
    assert reading.last_runs(str(tmp_path)) == []
