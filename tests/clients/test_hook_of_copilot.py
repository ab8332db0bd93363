"""The hooks in the real Copilot CLI: a secret that a tool returns is in no request, no answer and no transcript."""

from __future__ import annotations

import json

import pytest
from agents import client
from chat_api import Chat
from hooked import KEY, MASKED, REFUSED, furnish, gone, install, server
from sandbox import Sandbox


@pytest.fixture
def program(place: Sandbox, installed: dict[str, str]) -> str:
    found = client("copilot", installed)
    furnish(place, COPILOT_OFFLINE="true", COPILOT_PROVIDER_API_KEY="none", COPILOT_MODEL="m")
    command, *words = server()
    tools = {"s": {"type": "local", "command": command, "args": words, "tools": ["*"]}}
    place.write("~/.copilot/mcp-config.json", json.dumps({"mcpServers": tools}))
    return found


def ask(place: Sandbox, program: str, command: str) -> tuple[str, str]:
    """Return what was sent and what was said."""
    with Chat() as api:
        place.extra["COPILOT_PROVIDER_BASE_URL"] = f"{api.url}/v1"
        said = place.outside(program, "--allow-all-tools", "-p", f"please <<{command}>>")
        return json.dumps(api.requests), said.stdout


@pytest.mark.parametrize("command", ["cat notes; exit 3", "s-tell: {}"])
def test_what_a_tool_returns(place: Sandbox, program: str, command: str) -> None:
    install(place, "copilot")
    sent, said = ask(place, program, command)
    masked = MASKED if "notes" in command else "no such key: sk-ant-***"
    assert masked in sent
    assert masked in said
    assert KEY not in sent + said
    assert list((place.home / ".copilot").rglob("events.jsonl"))
    assert gone(place.home / ".copilot")


def test_a_hook_that_is_killed_does_not_let_the_secret_through(place: Sandbox, program: str) -> None:
    assert place.aigate("hook", "install", "copilot").returncode == 0
    path = place.home / ".copilot/hooks/aigate.json"
    path.write_text(path.read_text().replace('"bash": "', '"bash": "sh -c \'kill -9 $$\' '))
    sent, said = ask(place, program, "cat notes")
    assert REFUSED in sent
    assert KEY not in sent + said
