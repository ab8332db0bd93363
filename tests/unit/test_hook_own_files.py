"""Files that are aigate's alone among an agent's settings, and places that variables have moved."""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import socket
import subprocess

import pytest

from aigate import Masker
from aigate.errors import UsageError
from aigate.hook import service
from aigate.hook.agents import AGENTS, BY_NAME, placed
from aigate.hook.answers import answer
from aigate.hook.own import FAILED, OwnFile
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("all"))
KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"
HOOK, LAUNCHER = "/opt/a b/aigate/native/hook", "/opt/bin/aigate"


@pytest.mark.parametrize("name", ["opencode", "copilot"])
def test_it_is_made_made_anew_and_taken_away(tmp_path: pathlib.Path, name: str) -> None:
    path = tmp_path / "d/file"
    for hook, changed in ((HOOK, True), (HOOK, False), ("/elsewhere/aigate/native/hook", True)):
        file = OwnFile(BY_NAME[name], str(path))
        assert file.install(hook, "", LAUNCHER) is changed
        file.write()
        assert OwnFile(BY_NAME[name], str(path)).installed()
        assert path.stat().st_mode & 0o777 == 0o600
    assert HOOK not in path.read_text()
    file = OwnFile(BY_NAME[name], str(path))
    assert file.remove()
    file.write()
    assert not path.exists()
    assert not OwnFile(BY_NAME[name], str(path)).remove()


def test_a_file_of_somebody_else_is_left_as_it_is(tmp_path: pathlib.Path) -> None:
    (tmp_path / "aigate.js").write_text("export const Mine = async () => ({})\n")
    with pytest.raises(UsageError, match="none of aigate's files"):
        OwnFile(BY_NAME["opencode"], str(tmp_path / "aigate.js"))


def test_where_copilots_hook_cannot_run_another_command_refuses_the_result(tmp_path: pathlib.Path) -> None:
    file = OwnFile(BY_NAME["copilot"], str(tmp_path / "aigate.json"))
    file.install(HOOK, "", LAUNCHER)
    command = json.loads(file.text)["hooks"]["postToolUse"][0]["bash"]
    assert shlex.split(command)[:3] == [HOOK, "copilot", LAUNCHER]
    said = subprocess.run(["bash", "-c", command], capture_output=True, env={"PATH": "/usr/bin:/bin"}, check=False)
    assert (said.returncode, json.loads(said.stdout)) == (0, {"decision": "block", "reason": FAILED})


def test_copilots_result_is_replaced_in_its_own_shape() -> None:
    result = {"resultType": "success", "textResultForLlm": f"a {KEY}", "sessionLog": f"b {KEY}"}
    said = answer({"toolName": "bash", "toolResult": result}, MASKER, "copilot")
    clean = {**result, "textResultForLlm": "a ghp_***", "sessionLog": "b ghp_***"}
    assert (json.loads(said.text), said.transcript_holds) == ({"modifiedResult": clean}, True)
    fine = answer({"toolName": "bash", "toolResult": {"textResultForLlm": "fine"}}, MASKER, "copilot")
    assert (fine.text, fine.transcript_holds) == ("", False)
    assert answer({"toolName": "view", "error": f"no {KEY}"}, MASKER, "copilot").transcript_holds
    assert answer({"reason": "complete"}, MASKER, "copilot").transcript_holds


def test_opencodes_values_come_back_masked_or_not_at_all() -> None:
    said = answer({"hook_event_name": "x", "value": [f"a {KEY}", {"output": KEY}, None]}, MASKER, "opencode")
    assert (json.loads(said.text), said.transcript_holds) == (
        {"value": ["a ghp_***", {"output": "ghp_***"}, None]},
        False,
    )
    assert answer({"hook_event_name": "x", "value": ["fine"]}, MASKER, "opencode").text == ""
    assert answer({"hook_event_name": "session.idle"}, MASKER, "opencode").transcript_holds


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
def test_what_a_variable_has_moved_is_looked_for_there(agent: object) -> None:
    moved = {
        "XDG_CONFIG_HOME": "/m/config",
        "CLAUDE_CONFIG_DIR": "/m/claude",
        "CODEX_HOME": "/m/codex",
        "COPILOT_HOME": "/m/c",
    }
    settings = agent.settings
    assert placed(settings, "/home/u", {}) == f"/home/u/{settings[2:]}"
    assert placed(settings, "/home/u", {"COPILOT_HOME": "", "CODEX_HOME": "relative"}) == f"/home/u/{settings[2:]}"
    assert placed(settings, "/home/u", moved).startswith("/m/") is (agent.name != "gemini")


def test_the_answer_ends_before_the_transcript_is_scrubbed(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copilot CLI waits until nobody holds the output, and scrubbing takes seconds."""
    (tmp_path / "event").write_text(json.dumps({"toolName": "bash", "toolResult": f"key {KEY}", "sessionId": "a-1"}))
    seen = []

    def scrubbed(_agent: object, path: str, _masker: object) -> None:
        seen.append((path.endswith("/session-state/a-1/events.jsonl"), list(descriptors)))

    monkeypatch.setattr(service, "_scrub_again", scrubbed)
    one, other = socket.socketpair()
    descriptors = [os.open(tmp_path / "event", os.O_RDONLY), os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)]
    with one, other:
        service.Service("/nowhere", lambda: MASKER)._event(one, "copilot", descriptors)
        assert other.recv(1) == b"K"
    assert seen == [(True, [])]
    assert "ghp_***" in (tmp_path / "out").read_text()
