"""aigate's entries in an agent's settings: what else stands there stays, and what cannot be read is not replaced."""

from __future__ import annotations

import json
import pathlib

import pytest

from aigate.errors import AigateError, UsageError
from aigate.hook.agents import BY_NAME
from aigate.hook.settings import Settings

CLAUDE = BY_NAME["claude"]
HOOK, SHELL, LAUNCHER = "/opt/a b/aigate/native/hook", "/opt/a b/aigate/native/shell", "/opt/bin/aigate"
THEIRS = {
    "model": "x",
    "env": {"A": "1"},
    "hooks": {"PostToolUse": [{"matcher": "Edit", "hooks": [{"type": "command", "command": "fmt"}]}], "Stop": []},
}


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "settings.json"


def install(path: pathlib.Path, hook: str = HOOK) -> bool:
    settings = Settings(CLAUDE, str(path))
    changed = settings.install(hook, SHELL, LAUNCHER)
    settings.write()
    return changed


def test_entries_are_added_beside_others_and_taken_out_again(path: pathlib.Path) -> None:
    path.write_text(json.dumps(THEIRS))
    path.chmod(0o640)
    assert install(path)
    content = json.loads(path.read_text())
    assert [group["matcher"] for group in content["hooks"]["PostToolUse"]] == ["Edit", "*"]
    assert content["hooks"]["PostToolUse"][1]["hooks"][0]["command"] == "'/opt/a b/aigate/native/hook' claude"
    assert content["env"] == {"A": "1", "CLAUDE_CODE_SHELL_PREFIX": SHELL, "AIGATE_LAUNCHER": LAUNCHER}
    assert path.stat().st_mode & 0o777 == 0o640
    assert Settings(CLAUDE, str(path)).installed()
    settings = Settings(CLAUDE, str(path))
    assert settings.remove()
    settings.write()
    left = json.loads(path.read_text())
    assert left == {**THEIRS, "hooks": {"PostToolUse": THEIRS["hooks"]["PostToolUse"]}}


def test_a_second_time_changes_nothing_and_another_installation_takes_its_place(path: pathlib.Path) -> None:
    assert install(path)
    assert not install(path)
    assert install(path, "/elsewhere/aigate/native/hook")
    assert "/opt/a b/aigate/native/hook" not in path.read_text()


def test_a_file_that_is_not_there_is_made_for_its_owner(path: pathlib.Path) -> None:
    install(path)
    assert path.stat().st_mode & 0o777 == 0o600
    settings = Settings(CLAUDE, str(path))
    settings.remove()
    assert settings.content == {}


@pytest.mark.parametrize("text", ['{"a": 1,\n  b}', "[]", '{"hooks": []}', '{"env": 1}'])
def test_what_is_no_such_file_is_named_and_kept(path: pathlib.Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(AigateError, match=r"settings\.json:\d+: .*nothing was changed"):
        install(path)
    assert path.read_text() == text


def test_another_program_that_runs_the_shell_commands_is_not_replaced(path: pathlib.Path) -> None:
    path.write_text('{"env": {"CLAUDE_CODE_SHELL_PREFIX": "/usr/bin/logger"}}')
    with pytest.raises(UsageError, match="is /usr/bin/logger already"):
        install(path)
    assert "logger" in path.read_text()
