"""Real coding agents from npm and PyPI: how they are installed, and a home to run them in."""

from __future__ import annotations

import os
import pathlib
import shlex
import signal
import subprocess

import pytest
from pane import Pane
from sandbox import Sandbox

NPM = {"claude": "@anthropic-ai/claude-code", "codex": "@openai/codex", "gemini": "@google/gemini-cli"}
HOOKED = {"opencode": "opencode-ai", "copilot": "@github/copilot"}  # of which the hooks alone are tried
PYPI = {"aider": "aider-chat"}
CLIENTS = [*NPM, *PYPI]
INSTALL_SECONDS = 400
BASE = "/home" if os.getuid() == 0 else None
ENVIRONMENT = {
    "TERM": "xterm-256color",
    "ANTHROPIC_API_KEY": "sk-ant-" + "api03-" + "x" * 80,
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "AIDER_ANALYTICS": "false",
    "AIDER_CHECK_UPDATE": "false",
}


def install(program: pathlib.Path, command: list[str]) -> str:
    if program.exists():
        return str(program)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"!{error}"
    return str(program) if program.exists() else f"!{done.stderr[-300:]}"


def end_daemons(home: str) -> None:
    """End what a client left running outside, such as Codex's server: inside, the sandbox does that."""
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if home.encode() in (entry / "cmdline").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)
        except OSError:
            continue


def claude_settings(project: pathlib.Path) -> dict:
    """Return what Claude Code would have asked on its first start."""
    return {
        "hasCompletedOnboarding": True,
        "theme": "dark",
        "customApiKeyResponses": {"approved": [ENVIRONMENT["ANTHROPIC_API_KEY"][-20:]], "rejected": []},
        "projects": {str(project): {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}},
    }


def client(name: str, installed: dict[str, str]) -> str:
    if installed[name].startswith("!"):
        pytest.skip(f"{name} did not install: {installed[name][1:]}")
    return installed[name]


def pane(place: Sandbox, *command: str) -> Pane:
    return Pane(shlex.join(command), cwd=str(place.project), env=place.environment)
