"""What would run outside and was not there does not stay: it is moved away whole, and told."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
NAMES = (".envrc", ".vscode/tasks.json", ".git/commondir", ".githooks/pre-commit", "a/b/.husky/pre-push", ".mcp.json")


@pytest.mark.everywhere
def test_names_that_may_not_appear(sandbox: Sandbox) -> None:
    """Written, linked or renamed into place, in folders that are new or not: nothing of it is there afterwards."""
    script = """
        for file; do mkdir -p $(dirname $file); echo evil > $file; done
        mkdir .codex; echo evil > x; mv x .codex/config.toml
        mkdir .gemini; echo evil > y; ln y .gemini/settings.json
        mkdir z; echo evil > z/settings.json; mv z .claude
    """
    done = sandbox.shell(script, *NAMES)
    more = (".codex/config.toml", ".gemini/settings.json", ".claude/settings.json")
    assert [name for name in (*NAMES, *more) if sandbox.path(name).exists()] == []
    assert "moved away (aigate quarantine list)" in done.stderr
    listed = sandbox.aigate("quarantine").stdout
    assert all(name.rpartition("/")[2] in listed for name in (".envrc", ".husky", "config.toml", "settings.json"))


def test_what_other_tools_obey(sandbox: Sandbox) -> None:
    """Agents, editors, keepers of versions and what runs on a change of folder; also an agent that nobody knows yet."""
    names = (
        ".cursor/hooks.json", ".codex/hooks.json", ".qwen/settings.json", ".github/hooks/x.json", ".roo/mcp.json",
        ".kiro/hooks/x", ".kiro/settings/mcp.json", ".newest/hooks/start.sh", ".newest/mcp-list.json", "opencode.json",
        ".opencode/plugin/x.ts", ".gemini/extensions/x/gemini-extension.json", "crush.json", ".zed/tasks.json",
        ".helix/languages.toml", ".nvim.lua", "x.code-workspace", ".devcontainer/devcontainer.json", ".mise.local.toml",
        ".autoenv.zsh", ".hg/hgrc", "sub/.hg/hgrc", "sub/.jj/repo/config.toml",
    )  # fmt: skip
    done = sandbox.shell("for file; do mkdir -p $(dirname $file); echo evil > $file; done", *names)
    assert [name for name in names if sandbox.path(name).exists()] == [], done.stderr


def test_everything_of_it_is_kept_and_can_be_put_back(sandbox: Sandbox) -> None:
    sandbox.shell("mkdir -p x/more; echo one > x/one; echo two > x/more/two; mv x .githooks")
    number = sandbox.aigate("quarantine", "list").stdout.split()[0]
    restored = sandbox.aigate("quarantine", "restore", number)
    assert restored.returncode == 0, restored.stderr
    assert (sandbox.project / ".githooks/more/two").read_text() == "two\n"
    assert sandbox.aigate("quarantine").stdout == "nothing was moved away\n"


def test_what_is_there_is_not_replaced(sandbox: Sandbox) -> None:
    sandbox.shell("echo evil > .envrc")
    number = sandbox.aigate("quarantine", "list").stdout.split()[0]
    sandbox.write(".envrc", "mine\n")
    refused = sandbox.aigate("quarantine", "restore", number)
    assert (refused.returncode, "exists" in refused.stderr) == (1, True)
    assert (sandbox.project / ".envrc").read_text() == "mine\n"
    assert sandbox.aigate("quarantine", "drop", number).returncode == 0
    assert sandbox.aigate("quarantine").stdout == "nothing was moved away\n"
    assert sandbox.aigate("quarantine", "drop", number).returncode == 1
