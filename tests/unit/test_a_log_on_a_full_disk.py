"""What a full disk takes of a line of the audit log is cut back and told; a torn line never swallows the next one."""

from __future__ import annotations

import json
import os
import pathlib

import pytest

from aigate.audit.log import AuditLog
from aigate.errors import EnforcementError


def test_a_part_of_a_line_is_cut_back(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = AuditLog(str(tmp_path))
    log.write("first")
    before = (tmp_path / "audit.jsonl").read_bytes()
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:20]))
        with pytest.raises(EnforcementError, match="cannot be written"):
            log.write("second")
    assert (tmp_path / "audit.jsonl").read_bytes() == before
    log.write("third")
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["first", "third"]


def test_a_torn_line_keeps_to_itself(tmp_path: pathlib.Path) -> None:
    (tmp_path / "audit.jsonl").write_text('{"time": "20')
    AuditLog(str(tmp_path)).write("next")
    torn, line = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert torn == '{"time": "20'
    assert json.loads(line)["event"] == "next"


def test_what_another_run_has_written_behind_a_torn_line_stays(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AuditLog(str(tmp_path))
    write = os.write

    def torn(descriptor: int, data: bytes) -> int:
        monkeypatch.undo()
        written = write(descriptor, data[:20])
        with (tmp_path / "audit.jsonl").open("a") as other:  # that knows of no lock: a version from before the chain
            other.write('\n{"event": "other"}\n')
        return written

    monkeypatch.setattr(os, "write", torn)
    with pytest.raises(EnforcementError):
        log.write("mine")
    last = (tmp_path / "audit.jsonl").read_text().splitlines()[-1]
    assert json.loads(last)["event"] == "other"
