"""The last runs are found at the end of a log of any length, whatever else stands there."""

from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING

import pytest

from aigate.audit import reading, verify

if TYPE_CHECKING:
    from collections.abc import Callable
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


@pytest.mark.parametrize("read", [reading.last_runs, verify.verify, lambda state: reading.Reader(state).__enter__()])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, read: Callable[[str], object]) -> None:
    """A FIFO: whoever opens it to read waits for somebody who writes."""
    os.mkfifo(tmp_path / "audit.jsonl")
    with pytest.raises(OSError, match="it is not a regular file"):
        read(str(tmp_path))


def test_a_head_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "audit.head")
    with pytest.raises(OSError, match="it is not a regular file"):
        verify.verify(str(tmp_path))
