"""The hooks in the real Codex: a secret that a tool prints is in no request, and stays in nothing that it keeps."""

from __future__ import annotations

import json
import pathlib
import time

import pytest
from agents import client
from hooked import KEY, MASKED, REFUSED, furnish, install, kept, kill_hook
from openai_api import OpenAi
from sandbox import Sandbox

PATIENCE = 60  # seconds
CONFIG = """
model_provider = "stand-in"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.stand-in]
name = "stand-in"
base_url = "{url}/v1"
env_key = "OPENAI_API_KEY"
wire_api = "responses"
"""


@pytest.fixture
def program(place: Sandbox, installed: dict[str, str]) -> str:
    found = client("codex", installed)
    furnish(place, OPENAI_API_KEY="none", PATH=f"{pathlib.Path(found).parent}:{place.environment['PATH']}")
    return found


def ask(place: Sandbox, program: str, command: str) -> tuple[str, str]:
    """Return what was sent and what was said."""
    config = place.home / ".codex/config.toml"
    old = config.read_text() if config.exists() else ""
    with OpenAi() as api:
        config.parent.mkdir(exist_ok=True)
        config.write_text(CONFIG.format(url=api.url) + old)
        said = place.outside(program, "exec", "--skip-git-repo-check", f"please <<{command}>>")
        assert len(api.requests) == 2, said.stderr
        return json.dumps(api.requests), said.stdout


@pytest.mark.parametrize("command", ["cat notes", "cat notes missing; exit 3"])
def test_what_a_command_prints(place: Sandbox, program: str, command: str) -> None:
    install(place, "codex")
    sent, said = ask(place, program, command)
    assert MASKED in sent
    assert MASKED in said
    assert KEY not in sent + said
    until = time.monotonic() + PATIENCE  # the agent writes it down, and it is scrubbed when the hook has answered
    while files := kept(place.home / ".codex"):
        assert time.monotonic() < until, files
        time.sleep(0.05)


def test_a_hook_that_is_killed_does_not_let_the_secret_through(place: Sandbox, program: str) -> None:
    assert place.aigate("hook", "install", "codex").returncode == 0
    kill_hook(place.home / ".codex/hooks.json", "PostToolUse")
    assert "does not run them" in place.aigate("hook", "status").stderr  # what was changed has to be agreed to anew
    with OpenAi() as api:
        (place.home / ".codex/config.toml").write_text(CONFIG.format(url=api.url))
        words = ("exec", "--skip-git-repo-check", "--dangerously-bypass-hook-trust", "please <<cat notes>>")
        place.outside(program, *words)
        sent = json.dumps(api.requests)
    assert REFUSED in sent
    assert KEY not in sent


def test_where_codex_is_not_found_install_says_that_nothing_runs(place: Sandbox) -> None:
    place.extra["PATH"] = "/usr/bin:/bin"
    done = place.aigate("hook", "install", "codex")
    assert done.returncode == 1
    assert "Codex does not run them yet: codex is not in PATH" in done.stderr
