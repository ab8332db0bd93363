"""The audit log's records are chained: what was changed, cut, lost or put in is found, and where."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from aigate.audit import log as log_module
from aigate.audit.chain import read_head
from aigate.audit.log import AuditLog
from aigate.audit.reading import Reader, last_runs
from aigate.audit.verify import verify
from aigate.config.cache import digest

if TYPE_CHECKING:
    from pathlib import Path


def filled(state: Path, count: int = 6) -> Path:
    log = AuditLog(str(state))
    for number in range(count):
        log.write("started" if number == 0 else "net_refused", command="x", subject=f"h{number}.test", place=number)
    log.close()
    return state / "audit.jsonl"


def found(state: Path, *noted: tuple[int, str]) -> list[str]:
    return [f"{fault.file}:{fault.line}: {fault.what}" for fault in verify(str(state), noted).faults]


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def chained_anew(these: list[bytes], start: int) -> bytes:
    """Return lines as somebody chains them who changed one and knows how."""
    for number in range(start, len(these)):
        before = digest(these[number - 1].rstrip(b"\n"))
        head, _, _ = these[number].rpartition(b'"prev": ')
        these[number] = head + f'"prev": "{before}"}}\n'.encode()
    return b"".join(these)


def test_whole(tmp_path: Path) -> None:
    assert verify(str(tmp_path)).last == 0
    filled(tmp_path)
    result = verify(str(tmp_path))
    assert (result.first, result.last, result.files, result.before, result.faults) == (1, 6, 1, 0, ())
    assert result.head == read_head((tmp_path / "audit.head").read_bytes())


@pytest.mark.parametrize("cut", [1, 3, 6])
def test_a_tail_that_is_cut(tmp_path: Path, cut: int) -> None:
    path = filled(tmp_path)
    path.write_bytes(b"".join(lines(path)[:-cut]))
    missing = "record 6 is" if cut == 1 else f"records {7 - cut} to 6 are"
    assert found(tmp_path) == [f":0: the end is cut off: {missing} missing"]
    filled(tmp_path, 1)  # the next run goes on where the head is, so the gap stays
    assert len(found(tmp_path)) == 1
    assert f"{missing} missing before it" in found(tmp_path)[0]


def test_a_changed_record(tmp_path: Path) -> None:
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"h3.test", b"h9.test"))
    assert found(tmp_path) == ["audit.jsonl:5: record 4, or what was before record 5, was changed"]


def test_a_changed_last_record(tmp_path: Path) -> None:
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"h5.test", b"h9.test"))
    assert ["audit.jsonl:6: record 6 is not the one whose hash was kept" in text for text in found(tmp_path)] == [True]


@pytest.mark.parametrize("later", [False, True])
def test_a_middle_that_is_chained_anew(tmp_path: Path, later: bool) -> None:
    path = filled(tmp_path)
    those = lines(path)
    those[2] = those[2].replace(b"h2.test", b"h9.test")
    path.write_bytes(chained_anew(those, 3))
    if later:
        filled(tmp_path, 2)
    assert len(found(tmp_path)) == 1
    assert "record 6" in found(tmp_path)[0]


def test_all_of_it_chained_anew_does_not_meet_a_head_that_was_printed(tmp_path: Path) -> None:
    path = filled(tmp_path)
    noted = verify(str(tmp_path)).head
    those = lines(path)
    those[2] = those[2].replace(b"h2.test", b"h9.test")
    path.write_bytes(chained_anew(those, 3))
    (tmp_path / "audit.head").write_bytes(
        type(noted)(6, digest(lines(path)[-1].rstrip(b"\n")), noted.size, noted.file).written()
    )
    assert found(tmp_path) == []
    assert len(found(tmp_path, (noted.number, noted.digest[:16]))) == 1


def test_a_line_taken_out_of_the_middle_and_one_put_in(tmp_path: Path) -> None:
    path = filled(tmp_path)
    those = lines(path)
    path.write_bytes(b"".join(those[:2] + those[3:]))
    assert found(tmp_path) == ["audit.jsonl:3: record 3 is missing before it"]
    path.write_bytes(b"".join([*those[:2], b'{"run": "x", "event": "ended"}\n', *those[2:]]))
    assert len(found(tmp_path)) == 1
    path.write_bytes(b"".join([*those[:3], those[1], *those[3:]]))
    assert "audit.jsonl:4: record 2 comes after record 3" in found(tmp_path)


def test_a_head_that_is_lost_is_told_and_the_chain_goes_on(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "audit.head").unlink()
    assert len(found(tmp_path)) == 1
    filled(tmp_path, 1)
    (only,) = found(tmp_path)
    assert "audit.jsonl:7: audit.head had been lost" in only
    assert verify(str(tmp_path)).last == 8


def test_a_run_killed_between_line_and_head_has_lost_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(AuditLog, "_write_head", lambda *_: (_ for _ in ()).throw(OSError(5, "killed here")))
        with pytest.raises(Exception, match="killed here"):
            filled(tmp_path, 1)
    assert found(tmp_path) == []
    filled(tmp_path, 2)
    assert found(tmp_path) == []
    assert verify(str(tmp_path)).last == 9


def test_lines_from_before_the_chain_are_counted(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_text('{"run": "old", "event": "started"}\n{"run": "old", "ev')
    filled(tmp_path)
    result = verify(str(tmp_path))
    assert (result.before, result.last, result.faults) == (2, 6, ())


def test_a_full_file_is_kept_and_readers_go_over_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "FULL_BYTES", 1000)
    filled(tmp_path, 2)
    with Reader(str(tmp_path)) as reader:
        seen = [event["place"] for event in reader.events()]
        other = AuditLog(str(tmp_path))  # has the first file open while others are begun
        filled(tmp_path, 12)
        other.write("ended", place=99)
        seen += [event["place"] for event in reader.events()]
    names = sorted(path.name for path in tmp_path.glob("audit*"))
    assert len(names) > 4
    assert found(tmp_path) == []
    assert seen == [0, 1, *range(12), 99]
    assert len(last_runs(str(tmp_path), 3)) == 2
    (tmp_path / names[2]).unlink()
    assert any("missing" in text for text in found(tmp_path))


def test_what_is_dropped_on_purpose_is_not_missed_and_the_rest_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "FULL_BYTES", 1000)
    monkeypatch.setattr(log_module, "MOST_KEPT", 3)
    filled(tmp_path, 40)
    kept = sorted(path for path in tmp_path.glob("audit-*"))
    assert len(kept) == 3
    assert verify(str(tmp_path)).first > 1
    assert found(tmp_path) == []
    kept[0].unlink()
    assert len(found(tmp_path)) == 1
    assert "missing before it" in found(tmp_path)[0]


def test_writers_at_once_make_one_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "FULL_BYTES", 20_000)
    shared = AuditLog(str(tmp_path))
    children = []
    for number in range(4):
        child = os.fork()
        if not child:
            log = shared if number < 2 else AuditLog(str(tmp_path))  # those forked from one run, and other runs
            for place in range(50):
                log.write("net_refused", writer=number, place=place)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0, 0]
    assert found(tmp_path) == []
    assert verify(str(tmp_path)).last == 200
    with Reader(str(tmp_path)) as reader:
        events = list(reader.events())
    for number in range(4):
        assert [event["place"] for event in events if event["writer"] == number] == list(range(50))
    assert [event["n"] for event in events] == list(range(1, 201))
    assert json.loads(json.dumps(events[0]))["prev"] == "0" * 64
