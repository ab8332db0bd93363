"""`aigate hook`: what an agent's tools return is masked before it is read, and what cannot be masked ends the turn."""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest
from hook_service import end, services
from sandbox import Sandbox

KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"
BASH_TOOL = " && pwd -P >| /dev/null"  # how Claude Code ends what its Bash tool runs


@pytest.fixture
def agent(sandbox: Sandbox) -> Iterator[Sandbox]:
    """A home with the hooks installed; the service's socket lies there."""
    runtime = sandbox.write("~/run/x", "").parent
    runtime.chmod(0o700)
    sandbox.extra["XDG_RUNTIME_DIR"] = str(runtime)
    done = sandbox.aigate("hook", "install", "claude")
    assert done.returncode == 0, done.stderr
    assert "a made-up key was masked" in done.stdout
    yield sandbox
    end(sandbox)


def settings(agent: Sandbox) -> dict[str, object]:
    return json.loads((agent.home / ".claude/settings.json").read_text())


def hook(agent: Sandbox, event: dict[str, object]) -> str:
    words = settings(agent)["hooks"]["PostToolUse"][0]["hooks"][0]["command"]
    agent.extra |= settings(agent)["env"]
    return agent.execute(["sh", "-c", words], input=json.dumps(event)).stdout


def shell(agent: Sandbox, command: str) -> subprocess.CompletedProcess[str]:
    agent.extra |= settings(agent)["env"]
    return agent.execute([settings(agent)["env"]["CLAUDE_CODE_SHELL_PREFIX"], command + BASH_TOOL])


def test_a_result_is_masked(agent: Sandbox) -> None:
    result = {"stdout": f"key {KEY}\n", "stderr": ""}
    said = json.loads(hook(agent, {"hook_event_name": "PostToolUse", "tool_response": result}))
    assert said["hookSpecificOutput"]["updatedToolOutput"] == {"stdout": "key ghp_***\n", "stderr": ""}
    assert hook(agent, {"hook_event_name": "PostToolUse", "tool_response": "fine"}) == ""
    assert len(services(agent)) == 1


def test_a_shell_command_is_masked_and_keeps_its_status(agent: Sandbox) -> None:
    done = shell(agent, f"echo out {KEY}; echo err {KEY} >&2; exit 3")
    assert (done.returncode, done.stdout, done.stderr) == (3, "out ghp_***\n", "err ghp_***\n")
    assert shell(agent, "kill -TERM $$").returncode == 128 + signal.SIGTERM


def test_what_is_left_in_the_background_is_not_waited_for(agent: Sandbox) -> None:
    agent.extra |= settings(agent)["env"]
    program = settings(agent)["env"]["CLAUDE_CODE_SHELL_PREFIX"]
    done = agent.execute(["sh", "-c", 'exec "$0" "$1" >out 2>&1', program, "sleep 300 & echo $!" + BASH_TOOL])
    process = int((agent.project / "out").read_text())
    assert done.returncode == 0
    os.kill(process, signal.SIGKILL)  # it was still there


def test_what_is_no_command_of_the_shell_tool_runs_as_it_is(agent: Sandbox) -> None:
    """Servers and other hooks are started through the same prefix, and speak to the agent alone."""
    agent.extra |= settings(agent)["env"]
    done = agent.execute([settings(agent)["env"]["CLAUDE_CODE_SHELL_PREFIX"], f"printf '{KEY}'"])
    assert done.stdout == KEY


def test_without_a_service_the_turn_ends_and_nothing_is_run(agent: Sandbox) -> None:
    end(agent)
    changed = settings(agent)
    changed["env"]["AIGATE_LAUNCHER"] = "/nowhere/aigate"
    agent.write("~/.claude/settings.json", json.dumps(changed))
    said = json.loads(hook(agent, {"hook_event_name": "PostToolUse", "tool_response": KEY}))
    assert said["continue"] is False
    done = shell(agent, "touch ran")
    assert done.returncode == 126
    assert "so the command was not run" in done.stderr
    assert not (agent.project / "ran").exists()


def test_the_transcript_is_scrubbed_where_a_result_could_not_be_replaced(agent: Sandbox) -> None:
    line = json.dumps({"toolUseResult": f"Error: Exit code 1\n{KEY}"}) + "\n"
    transcript = agent.write("~/.claude/projects/p/s.jsonl", line, 0o600)
    calls = [{"tool_response": f"Exit code 1\n{KEY}"}]
    event = {"hook_event_name": "PostToolBatch", "tool_calls": calls, "transcript_path": str(transcript)}
    assert json.loads(hook(agent, event))["continue"] is False
    until = time.monotonic() + 60
    while KEY in transcript.read_text():
        assert time.monotonic() < until
        time.sleep(0.02)
    assert len(transcript.read_text()) == len(line)


def test_status_and_removal(agent: Sandbox) -> None:
    assert "claude: installed, works" in agent.aigate("hook", "status").stdout
    assert agent.aigate("hook", "remove", "claude").returncode == 0
    assert settings(agent) == {}
    assert "claude: not installed" in agent.aigate("hook", "status").stdout


def test_what_codex_does_not_run_is_not_called_installed(agent: Sandbox) -> None:
    agent.extra["PATH"] = "/usr/bin:/bin"  # without Codex, which alone can say whether it runs them
    refused = agent.aigate("hook", "install", "codex")
    assert refused.returncode == 1
    assert "Codex does not run them yet: codex is not in PATH" in refused.stderr
    assert "codex: installed, works" not in agent.aigate("hook", "status").stdout


@pytest.mark.parametrize(("name", "event"), [("codex", "PostToolUse"), ("gemini", "AfterTool")])
def test_where_a_refusal_is_what_the_agent_knows_it_holds_the_masked_result(
    agent: Sandbox, name: str, event: str
) -> None:
    agent.aigate("hook", "install", name)
    file = agent.home / {"codex": ".codex/hooks.json", "gemini": ".gemini/settings.json"}[name]
    command = json.loads(file.read_text())["hooks"][event][0]["hooks"][0]["command"]
    told = json.dumps({"hook_event_name": event, "tool_response": f"key {KEY} of"})
    said = json.loads(agent.execute(["sh", "-c", command], input=told).stdout)
    assert (said["decision"], said["reason"].splitlines()[-1]) == ("block", "key ghp_*** of")
    killed = agent.execute(["sh", "-c", f"sh -c 'kill -9 $$' {command}"], input=told)
    assert (killed.returncode, killed.stdout) == (2, "")
    assert "could not look for secrets" in killed.stderr
    end(agent)
    launcher = shlex.split(command)[2]
    lost = agent.execute(["sh", "-c", command.replace(launcher, "/nowhere/aigate")], input=told)
    assert (lost.returncode, KEY in lost.stdout + lost.stderr) == (2, False)
    assert "could not look for secrets" in lost.stderr


@pytest.mark.parametrize("told", ["", "{", "[]", "null", '"x"', "[" * 100_000, '{"tool_response": "\\ud800"}'])
@pytest.mark.only("own")
def test_what_is_no_event_lets_nothing_through(agent: Sandbox, told: str) -> None:
    """The service answers the next one; what cannot be read ends the turn, or is no result at all."""
    words = [*shlex.split(settings(agent)["hooks"]["PostToolUse"][0]["hooks"][0]["command"])]
    agent.extra |= settings(agent)["env"]
    said = agent.execute(words, input=told).stdout
    assert said == "" if told.endswith("}") else json.loads(said)["continue"] is False
    assert "key ghp_***" in hook(agent, {"hook_event_name": "PostToolUse", "tool_response": f"key {KEY}"})


@pytest.mark.only("own")
def test_scrub_counts_first_and_overwrites_when_told(sandbox: Sandbox) -> None:
    kept = sandbox.write("~/.codex/sessions/2026/01/r.jsonl", json.dumps({"text": KEY}) + "\n", 0o600)
    dry = sandbox.aigate("scrub", "codex")
    assert (dry.returncode, KEY in kept.read_text()) == (0, True)
    assert "1 file, 1 secret found in 1 of them" in dry.stdout
    assert "aigate scrub codex --apply" in dry.stdout
    done = sandbox.aigate("scrub", "codex", "--apply", "--backup", str(sandbox.home / "old"), "--json")
    assert json.loads(done.stdout)["found"][0]["rules"] == {"github": 1}
    assert KEY not in kept.read_text()
    assert KEY in (sandbox.home / "old/.codex/sessions/2026/01/r.jsonl").read_text()


def test_it_works_inside_a_sandbox_where_the_config_is_hidden(agent: Sandbox) -> None:
    agent.config("deny_read: [no.such]\n")
    agent.write("event", json.dumps({"hook_event_name": "PostToolUse", "tool_response": f"key {KEY}"}))
    agent.extra |= settings(agent)["env"]
    words = settings(agent)["hooks"]["PostToolUse"][0]["hooks"][0]["command"]
    said = agent.shell(f"{words} <event; {agent.prefix[0]} mask <event")
    if pathlib.Path(agent.prefix[0]).is_relative_to("/tmp"):  # which is another one inside
        assert (said.returncode, said.stdout) == (127, ""), said.stderr
        return
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("key ghp_***") == 2
    assert KEY not in said.stdout
