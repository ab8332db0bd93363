"""`aigate log verify` says in words and as JSON whether the log is whole, and ends with 1 where it is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from aigate.audit.log import AuditLog
from aigate.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    state = tmp_path / ".aigate"
    state.mkdir()
    log = AuditLog(str(state))
    for name in ("started", "net_refused", "ended"):
        log.write(name)
    return state / "audit.jsonl"


def test_whole(log: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["log", "verify", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["whole"], found["last"], found["faults"]) == (True, 3, [])
    head = f"{found['head']['number']}:{found['head']['hash']}"
    assert main(["log", "verify", "--head", head]) == 0
    assert (
        capfd.readouterr().out == f"records 1 to 3 in one file, head {head}\nwhole: nothing was changed, cut or lost\n"
    )
    assert log.exists()


def test_damaged(log: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log.write_bytes(log.read_bytes().replace(b"net_refused", b"net_\x1b[2Jused", 1))
    assert main(["log", "verify"]) == 1
    assert "audit.jsonl:2: is no record of the chain" in capfd.readouterr().out
    assert main(["log", "verify", "--head", "3:" + 16 * "0"]) == 1
    assert "record 3 is not the one whose hash was kept" in capfd.readouterr().out
    assert main(["log", "verify", "--head", "9:" + 16 * "0", "--json"]) == 1
    assert "cut off" in capfd.readouterr().out


@pytest.mark.parametrize("head", ["3", "3:12", "x:" + 64 * "0", "3:" + 65 * "0"])
def test_wrong_words(log: Path, capfd: pytest.CaptureFixture[str], head: str) -> None:
    assert main(["log", "verify", "--head", head]) == 1
    assert "--head takes NUMBER:HASH" in capfd.readouterr().err
    assert log.exists()
