"""The hooks in the real opencode: a secret that a tool returns is in no request, no answer and, at the end, no file."""

from __future__ import annotations

import json

import pytest
from agents import client
from chat_api import Chat
from hooked import KEY, MASKED, REFUSED, furnish, gone, install, server
from sandbox import Sandbox

OFF = {f"OPENCODE_DISABLE_{name}": "1" for name in ("MODELS_FETCH", "AUTOUPDATE", "LSP_DOWNLOAD", "SHARE")}


@pytest.fixture
def program(place: Sandbox, installed: dict[str, str]) -> str:
    found = client("opencode", installed)
    furnish(place, **OFF)
    return found


def ask(place: Sandbox, program: str, command: str) -> tuple[str, str]:
    """Return what was sent and what was said."""
    with Chat() as api:
        options = {"baseURL": f"{api.url}/v1", "apiKey": "none"}
        model = {"npm": "@ai-sdk/openai-compatible", "options": options, "models": {"m": {"tool_call": True}}}
        mcp = {"s": {"type": "local", "command": server(), "enabled": True}}
        config = {"model": "stand-in/m", "provider": {"stand-in": model}, "mcp": mcp, "autoupdate": False}
        place.write("~/.config/opencode/opencode.json", json.dumps(config))
        said = place.outside(program, "run", f"please <<{command}>>")
        return json.dumps(api.requests), said.stdout


@pytest.mark.parametrize("command", ["cat notes; exit 3", "s_fail: {}"])
def test_what_a_tool_returns(place: Sandbox, program: str, command: str) -> None:
    """The last one is a failure, of which opencode tells no plugin: it is masked before the request."""
    install(place, "opencode")
    sent, said = ask(place, program, command)
    masked = MASKED if "notes" in command else "no such key: sk-ant-***"
    assert masked in sent
    assert masked in said
    assert KEY not in sent + said
    assert (place.home / ".local/share/opencode/opencode.db").exists()
    assert gone(place.home / ".local/share/opencode")


def test_a_hook_that_is_killed_does_not_let_the_secret_through(place: Sandbox, program: str) -> None:
    assert place.aigate("hook", "install", "opencode").returncode == 0
    plugin = place.home / ".config/opencode/plugin/aigate.js"
    killed = place.write("~/killed", "#!/bin/sh\nkill -9 $$\n", 0o755)
    plugin.write_text(plugin.read_text().replace('const WORDS = ["', f'const WORDS = ["{killed}", "', 1))
    sent, said = ask(place, program, "cat notes")
    assert KEY not in sent + said
    assert REFUSED in sent + said or '"role": "tool"' not in sent
