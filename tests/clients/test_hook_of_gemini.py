"""The hooks in the real Gemini CLI: a secret that a tool returns is in no request, no transcript and no answer."""

from __future__ import annotations

import json
import os

import pytest
from agents import client
from gemini_api import Google
from sandbox import Sandbox

KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def program(place: Sandbox, installed: dict[str, str]) -> str:
    found = client("gemini", installed)
    runtime = place.write("~/run/x", "").parent
    os.chmod(runtime, 0o700)
    place.extra |= {"XDG_RUNTIME_DIR": str(runtime), "GEMINI_API_KEY": "none", "GEMINI_CLI_TRUST_WORKSPACE": "true"}
    settings = {"security": {"auth": {"selectedType": "gemini-api-key"}}, "privacy": {"usageStatisticsEnabled": False}}
    place.write("~/.gemini/settings.json", json.dumps(settings))
    place.write("notes", f"the key {KEY} of the build\n")
    return found


def ask(place: Sandbox, program: str, command: str) -> tuple[str, str]:
    """Return what was sent and what was said."""
    with Google() as api:
        place.extra["GOOGLE_GEMINI_BASE_URL"] = api.url
        said = place.outside(program, "-y", "-m", "gemini-2.5-flash", "-p", f"please <<{command}>>")
        assert len(api.requests) >= 2, said.stderr
        return json.dumps(api.requests), said.stdout + said.stderr


@pytest.mark.parametrize("command", ["cat notes", "cat notes missing; exit 3", "read notes"])
def test_what_a_tool_returns(place: Sandbox, program: str, command: str) -> None:
    done = place.aigate("hook", "install", "gemini")
    assert done.returncode == 0, done.stderr
    assert "gemini: installed, works" in place.aigate("hook", "status").stdout
    sent, said = ask(place, program, command)
    assert "the key ghp_*** of the build" in sent
    assert "the key ghp_*** of the build" in said
    assert KEY not in sent + said
    files = [path for path in (place.home / ".gemini").rglob("*") if path.is_file()]
    assert any(path.suffix == ".jsonl" for path in files)
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_what_a_tool_says_that_fails(place: Sandbox, program: str) -> None:
    assert place.aigate("hook", "install", "gemini").returncode == 0
    sent, said = ask(place, program, f"read {KEY}")
    assert KEY not in said
    assert "File not found: " in sent
    assert sent.count(KEY) == sent.count(f"<<read {KEY}>>") + sent.count(f'"file_path": "{KEY}"')  # what was asked for


def test_a_hook_that_is_killed_does_not_let_the_secret_through(place: Sandbox, program: str) -> None:
    assert place.aigate("hook", "install", "gemini").returncode == 0
    path = place.home / ".gemini/settings.json"
    settings = json.loads(path.read_text())
    entry = settings["hooks"]["AfterTool"][0]["hooks"][0]
    before, behind = entry["command"].split(" || ")
    entry["command"] = f"sh -c 'kill -9 $$' {before} || {behind}"
    path.write_text(json.dumps(settings))
    sent, said = ask(place, program, "cat notes")
    assert "could not look for secrets" in sent
    assert KEY not in sent + said
