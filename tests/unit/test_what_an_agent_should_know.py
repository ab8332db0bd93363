"""`aigate help-ai`: as text, inside, and kept up to date in a file of the project's."""

from __future__ import annotations

import pathlib

import pytest

from aigate.cli import main

OWN = "# Our project\n\nUse tabs."


def test_it_names_what_an_agent_meets(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIGATE_SANDBOX", raising=False)
    assert main(["help-ai"]) == 0
    text = capfd.readouterr().out
    for part in ("Permission denied", "/tmp/.aigate-policy", "deny_exec", "***", "aigate allow net HOST", "137"):
        assert part in text
    assert "inside now" not in text
    monkeypatch.setenv("AIGATE_SANDBOX", "1")
    assert main(["help-ai"]) == 0
    assert "inside now" in capfd.readouterr().out


def test_it_stands_once_in_a_file(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "AGENTS.md"
    path.write_text(OWN)
    assert main(["help-ai", "--into", str(path)]) == 0
    once = path.read_text()
    assert once.startswith(OWN + "\n\n<!-- aigate: begin -->\n## The sandbox")
    path.write_text(once.replace("The sandbox", "Old") + "\nMore of ours.\n")
    assert main(["help-ai", "--into", str(path)]) == 0
    assert path.read_text() == once + "\nMore of ours.\n"
    assert capfd.readouterr().out == f"added to {path}\nrenewed in {path}\n"


def test_a_part_without_an_end_is_left_alone(tmp_path: pathlib.Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "AGENTS.md"
    path.write_text(broken := "<!-- aigate: begin -->\nmine\n")
    assert main(["help-ai", "--into", str(path)]) == 1
    assert "the end of aigate's part is missing" in capfd.readouterr().err
    assert path.read_text() == broken


def test_it_makes_the_file(tmp_path: pathlib.Path) -> None:
    assert main(["help-ai", "--into", str(tmp_path / "AGENTS.md")]) == 0
    assert (tmp_path / "AGENTS.md").read_text().startswith("<!-- aigate: begin -->")
