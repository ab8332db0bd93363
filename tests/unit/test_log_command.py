"""`aigate log` shows what happened, run by run, and leaves out what was not asked for."""

from __future__ import annotations

import datetime as dt
import json
import pathlib

import pytest

from aigate.cli import main

NOW = dt.datetime.now(dt.UTC)


def line(run: str, event: str, ago: dt.timedelta = dt.timedelta(), **fields: object) -> str:
    stamp = (NOW - ago).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return json.dumps({"time": stamp, "run": run, "pid": 1, "event": event, **fields}) + "\n"


def a_run(number: str, ago: dt.timedelta = dt.timedelta()) -> str:
    return (
        line(number, "started", ago, command=f"agent {number}\nmore", directory="/p")
        + line(number, "net_refused", ago, subject="x.test", port=443, reason="name not allowed", count=2)
        + line(number, "watched", ago, kind="moved", path="/p/.envrc", why="deny_write: .envrc")
        + line(number, "ended", ago, status=3, seconds=1.5, masked={"github": 2})
    )


@pytest.fixture
def log(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".aigate").mkdir()
    return tmp_path / ".aigate/audit.jsonl"


def shown(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["log", *words]) == 0
    return capfd.readouterr().out


def test_a_run_in_words(log: pathlib.Path, capfd: pytest.CaptureFixture[str]) -> None:
    log.write_text(a_run("aaaa1111"))
    heading, *rest = shown(capfd).splitlines()
    assert heading.endswith("  aaaa1111  agent aaaa1111…  in /p")
    assert [text[12:] for text in rest] == [
        "host refused: x.test:443, name not allowed (2 times)",
        "moved: /p/.envrc (deny_write: .envrc)",
        "ended with 3 after 1.5 s; hidden: github 2",
    ]


def test_what_is_not_asked_for_is_left_out(log: pathlib.Path, capfd: pytest.CaptureFixture[str]) -> None:
    days = [dt.timedelta(days=number) for number in range(12, -1, -1)]
    log.write_text("".join(a_run(f"{number:08}", ago) for number, ago in enumerate(days)) + "torn {\n")
    assert shown(capfd).count("agent") == 10
    assert shown(capfd, "--last", "3").count("agent") == 3
    assert shown(capfd, "--since", "36h").count("agent") == 2
    assert shown(capfd, "--since", "2000-01-01").count("agent") == 13
    network = shown(capfd, "--kind", "network", "--run", "00000005").splitlines()
    assert len(network) == 2
    assert "agent 00000005" in network[0]
    assert [json.loads(text)["event"] for text in shown(capfd, "--json", "--last", "1").splitlines()] == [
        "started", "net_refused", "watched", "ended",
    ]  # fmt: skip


def test_control_characters_in_the_log_do_nothing(log: pathlib.Path, capfd: pytest.CaptureFixture[str]) -> None:
    log.write_text(line("a", "started", command="x\x1b]0;title\x07", directory="/p\x1b[2J"))
    assert "\x1b" not in shown(capfd)


@pytest.mark.parametrize("words", [("--since", "yesterday"), ("--last", "0")])
def test_wrong_words_are_told(log: pathlib.Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    log.write_text(a_run("a"))
    assert main(["log", *words]) == 1
    assert capfd.readouterr().err.startswith("aigate: ")


def test_there_is_none(log: pathlib.Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["log"]) == 1
    assert "there was no run yet" in capfd.readouterr().err
    assert not log.exists()
