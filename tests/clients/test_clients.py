"""Real coding agents, inside and outside: the same screens, and what the sandbox promises while they work.

`make test-clients`. They are installed where $AIGATE_CLIENTS says; one that does not install is named as skipped."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import tempfile

import pytest
from agents import CLIENTS, ENVIRONMENT, claude_settings, client, pane
from anthropic import GREETING, KEY, Api
from netlab import ALLOWED, SUPPORT, Lab
from sandbox import Sandbox

BEGINNING = {"claude": "Claude Code", "codex": "Codex", "gemini": "Gemini", "aider": "aider"}
QUIT = {"claude": ("C-c", "C-c"), "codex": ("C-c",), "gemini": ("C-c", "C-c"), "aider": ("C-c", "C-c")}


@pytest.mark.parametrize("name", CLIENTS)
def test_version_and_help(place: Sandbox, installed: dict[str, str], name: str) -> None:
    program = client(name, installed)
    place.outside(program, "--help")  # what it sets up in a new home
    for word in ("--version", "--help"):
        outside = place.outside(program, word)
        inside = place.run(program, word)
        assert outside.returncode == 0
        expected = place.aigate("mask", input=outside.stdout).stdout  # an example in a help text may look like a secret
        assert (inside.returncode, inside.stdout) == (0, expected)


@pytest.mark.parametrize("name", CLIENTS)
def test_start_screen_resize_and_quit(place: Sandbox, installed: dict[str, str], name: str) -> None:
    program = client(name, installed)
    place.outside(program, "--version")
    screens = {}
    for where, prefix in {"outside": [], "inside": [*place.prefix, "run", "--quiet", "--"]}.items():
        with Api() as api:
            place.extra["ANTHROPIC_BASE_URL"] = api.url
            with pane(place, *prefix, program) as shown:
                shown.until(BEGINNING[name])
                first = shown.settled()
                shown.resize(100, 30)
                second = shown.settled()
                for key in QUIT[name]:
                    shown.keys(key)
                shown.until("ended")
                screens[where] = (first, second)
    assert screens["inside"] == screens["outside"]


def test_claude_streams_an_answer_and_the_key_in_it_is_masked(place: Sandbox, installed: dict[str, str]) -> None:
    program = client("claude", installed)
    with Api() as api:
        place.extra["ANTHROPIC_BASE_URL"] = api.url
        outside = place.outside(program, "-p", "hi")
        inside = place.run(program, "-p", "hi")
    assert outside.stdout == f"{GREETING}\n"
    assert inside.stdout == GREETING.replace(KEY, "sk-ant-***") + "\n"
    assert inside.returncode == 0


def test_claude_takes_a_typed_turn(place: Sandbox, installed: dict[str, str]) -> None:
    program = client("claude", installed)
    with Api() as api:
        place.extra["ANTHROPIC_BASE_URL"] = api.url
        with pane(place, *place.prefix, "run", "--quiet", "--", program) as shown:
            shown.until("Claude Code")
            shown.settled()
            shown.type("hello there")
            shown.until("hello there")
            shown.keys("Enter")
            shown.until("Hello from the stand-in")
            screen = shown.settled()
            for key in QUIT["claude"]:
                shown.keys(key)
            shown.until("ended 0")
    assert "sk-ant-***" in screen  # and more stars
    assert KEY[:20] not in screen.replace("\n", "")


def test_a_tool_call_that_reads_a_denied_file_gets_the_denial(place: Sandbox, installed: dict[str, str]) -> None:
    program = client("claude", installed)
    place.write(".env", "SECRET=top-secret-value\n")
    with Api() as api:
        place.extra["ANTHROPIC_BASE_URL"] = api.url
        words = (program, "-p", "please <<cat .env>>", "--allowedTools", "Bash(cat:*)")
        outside = place.outside(*words)
        inside = place.run(*words)
    assert "top-secret-value" in outside.stdout
    assert "Permission denied" in inside.stdout
    assert "top-secret-value" not in inside.stdout
    assert "top-secret-value" not in json.dumps(api.requests[len(api.requests) // 2 :])


API_PORT = 8800


@pytest.fixture(scope="module")
def lab():
    """A network of our own, with the stand-in on its internet. Needs root."""
    with tempfile.TemporaryDirectory(prefix="aigate-lab-", dir="/opt") as directory:
        built = Lab(pathlib.Path(directory))
        program = [sys.executable, str(SUPPORT / "anthropic.py"), ALLOWED, str(API_PORT)]
        api = built.start(built.internet, program, stdout=subprocess.PIPE)
        assert api.stdout.readline().startswith(b"http://")
        yield built
        api.stdout.close()
        built.close()


@pytest.mark.parametrize("mode", ["slirp", "gateway"])
def test_claude_reaches_its_api_through_the_network_layer(lab: Lab, installed: dict[str, str], mode: str) -> None:
    program = client("claude", installed)
    url = f"http://allowed.test:{API_PORT}"
    variables = [
        f"{name}={value}"
        for name, value in {**ENVIRONMENT, "ANTHROPIC_BASE_URL": url, "CLAUDE_CODE_MAX_RETRIES": "1"}.items()
    ]
    home = lab.project("root").parent
    (home / ".claude.json").write_text(json.dumps(claude_settings(lab.project("root"))))
    outputs = {}
    for entry in (f"allowed.test:{API_PORT}", "other.test"):
        command = lab.command([entry], ["env", *variables, program, "-p", "hi"], user="root", mode=mode)
        config = home / ".aigate/config.yaml"
        config.write_text(f"{config.read_text()}mask_stdout:\n  presets: [all]\n")
        outputs[entry] = subprocess.run(command, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)
    allowed, denied = outputs.values()
    assert (allowed.returncode, allowed.stdout) == (0, GREETING.replace(KEY, "sk-ant-***") + "\n"), allowed.stderr
    assert denied.returncode != 0
    assert "aigate allow net allowed.test" in denied.stderr
