"""The hooks in the real Gemini CLI: a secret that a tool returns is in no request, no transcript and no answer."""

from __future__ import annotations

import json

import pytest
from agents import client
from gemini_api import Google
from hooked import KEY, MASKED, REFUSED, furnish, install, kept, kill_hook
from sandbox import Sandbox


@pytest.fixture
def program(place: Sandbox, installed: dict[str, str]) -> str:
    found = client("gemini", installed)
    furnish(place, GEMINI_API_KEY="none", GEMINI_CLI_TRUST_WORKSPACE="true")
    settings = {"security": {"auth": {"selectedType": "gemini-api-key"}}, "privacy": {"usageStatisticsEnabled": False}}
    place.write("~/.gemini/settings.json", json.dumps(settings))
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
    install(place, "gemini")
    sent, said = ask(place, program, command)
    assert MASKED in sent
    assert MASKED in said
    assert KEY not in sent + said
    assert list((place.home / ".gemini").rglob("*.jsonl"))
    assert not kept(place.home / ".gemini")


def test_what_a_tool_says_that_fails(place: Sandbox, program: str) -> None:
    assert place.aigate("hook", "install", "gemini").returncode == 0
    sent, said = ask(place, program, f"read {KEY}")
    assert KEY not in said
    assert "File not found: " in sent
    assert sent.count(KEY) == sent.count(f"<<read {KEY}>>") + sent.count(f'"file_path": "{KEY}"')  # what was asked for


def test_a_hook_that_is_killed_does_not_let_the_secret_through(place: Sandbox, program: str) -> None:
    assert place.aigate("hook", "install", "gemini").returncode == 0
    kill_hook(place.home / ".gemini/settings.json", "AfterTool")
    sent, said = ask(place, program, "cat notes")
    assert REFUSED in sent
    assert KEY not in sent + said
