"""A directory of the agent's own, led to from where an editor or another agent looks for its settings."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.everywhere
@pytest.mark.parametrize(
    ("place", "name"), [(".vscode", "tasks.json"), (".claude", "settings.json"), (".cursor", "hooks.json")]
)
def test_it_is_moved_away(sandbox: Sandbox, place: str, name: str) -> None:
    done = sandbox.shell(
        f"mkdir own; echo evil > own/{name}; ln -s own {place}; mkdir sub; ln -s ../own sub/src; echo end"
    )
    assert done.stdout == "end\n", done.stderr
    assert f"{place}: may not be made by an agent and was moved away" in done.stderr
    assert not sandbox.path(place).is_symlink()
    assert sandbox.path("sub/src").is_symlink()


def test_a_link_to_what_no_tool_obeys_stays(sandbox: Sandbox) -> None:
    done = sandbox.shell("mkdir -p own/bin tool/hooks; ln -s own .venv; ln -s tool .tool; echo end")
    assert sandbox.path(".venv").is_symlink(), done.stderr
    assert not sandbox.path(".tool").is_symlink()


@pytest.mark.everywhere
def test_a_link_that_a_commit_holds_stays(sandbox: Sandbox) -> None:
    sandbox.outside("sh", "-c", "mkdir own; echo '{}' > own/tasks.json; ln -s own .vscode; git add -A")
    sandbox.outside("git", "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "one")
    sandbox.path(".vscode").unlink()
    done = sandbox.shell("git checkout -q -- .vscode; echo evil > own/tasks.json; sleep 0.5; cat .vscode/tasks.json")
    assert sandbox.path(".vscode").is_symlink(), done.stderr
