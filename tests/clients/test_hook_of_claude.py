"""The hooks in the real Claude Code: a secret that a tool prints is in no request, no transcript and no answer."""

from __future__ import annotations

import json
import os
import sys
import time

import pytest
from agents import client
from anthropic import Api
from hooked import KEY, MASKED, gone
from netlab import SUPPORT
from sandbox import Sandbox

PATIENCE = 60  # seconds


@pytest.mark.parametrize("command", ["cat notes", "cat notes; exit 3", "cat notes missing"])
def test_what_the_shell_tool_prints(place: Sandbox, installed: dict[str, str], command: str) -> None:
    program = client("claude", installed)
    place.extra["XDG_RUNTIME_DIR"] = str(place.write("~/run/x", "").parent)
    os.chmod(place.home / "run", 0o700)
    place.write("notes", f"the key {KEY} of the build\n")
    done = place.aigate("hook", "install", "claude")
    assert done.returncode == 0, done.stderr
    with Api() as api:
        place.extra["ANTHROPIC_BASE_URL"] = api.url
        said = place.outside(program, "-p", f"please <<{command}>>", "--allowedTools", "Bash")
    sent = json.dumps(api.requests)
    assert MASKED in sent
    assert MASKED in said.stdout
    assert KEY not in sent + said.stdout
    assert list((place.home / ".claude").rglob("*.jsonl"))
    assert gone(place.home / ".claude")


def test_a_hook_that_is_killed_does_not_let_the_secret_through(place: Sandbox, installed: dict[str, str]) -> None:
    """Of three protections (the shell's output, the result, the batch) two are taken out."""
    program = client("claude", installed)
    place.extra["XDG_RUNTIME_DIR"] = str(place.write("~/run/x", "").parent)
    os.chmod(place.home / "run", 0o700)
    place.write("notes", f"the key {KEY} of the build\n")
    assert place.aigate("hook", "install", "claude").returncode == 0
    path = place.home / ".claude/settings.json"
    settings = json.loads(path.read_text())
    settings["hooks"]["PostToolUse"] = [{"matcher": "*", "hooks": [{"type": "command", "command": "kill -9 $$"}]}]
    del settings["env"]["CLAUDE_CODE_SHELL_PREFIX"]
    path.write_text(json.dumps(settings))
    with Api() as api:
        place.extra["ANTHROPIC_BASE_URL"] = api.url
        place.outside(program, "-p", "please <<cat notes>>", "--allowedTools", "Bash")
    assert api.requests
    assert KEY not in json.dumps(api.requests)
    kept = list((place.home / ".claude/projects").rglob("*.jsonl"))
    assert kept
    until = time.monotonic() + PATIENCE  # the agent writes it down after the hook has answered
    while any(KEY in path.read_text() for path in kept):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_another_tool_says_that_fails_ends_the_turn(place: Sandbox, installed: dict[str, str]) -> None:
    """Nothing replaces that in Claude Code: the model must not read it, and the transcript must not keep it."""
    program = client("claude", installed)
    place.extra["XDG_RUNTIME_DIR"] = str(place.write("~/run/x", "").parent)
    os.chmod(place.home / "run", 0o700)
    assert place.aigate("hook", "install", "claude").returncode == 0
    server = {"command": sys.executable, "args": [str(SUPPORT / "failing_server.py")]}
    place.write("servers.json", json.dumps({"mcpServers": {"s": server}}))
    with Api() as api:
        place.extra["ANTHROPIC_BASE_URL"] = api.url
        words = ("--mcp-config", "servers.json", "--allowedTools", "mcp__s__fail")
        said = place.outside(program, "-p", "please <<mcp__s__fail>>", *words)
    assert api.requests, said.stderr
    kept = list((place.home / ".claude/projects").rglob("*.jsonl"))
    assert any("no such key" in path.read_text() for path in kept), said.stdout
    assert KEY not in json.dumps(api.requests) + said.stdout
    until = time.monotonic() + PATIENCE
    while any(KEY in path.read_text() for path in kept):
        assert time.monotonic() < until
        time.sleep(0.05)
