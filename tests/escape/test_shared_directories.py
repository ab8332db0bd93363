"""What holds in a project holds in a directory that `share` names: what runs outside cannot be planted there."""

from __future__ import annotations

import re

import pytest
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.fixture
def shared(sandbox: Sandbox) -> Sandbox:
    """Let a second repository, in the home, be the user's own inside, too."""
    assert sandbox.outside("git", "init", "-q", str(sandbox.path("~/second/inner"))).returncode == 0
    assert sandbox.outside("git", "init", "-q", str(sandbox.path("~/second"))).returncode == 0
    config = (sandbox.home / ".aigate/config.yaml").read_text()
    sandbox.config(re.sub(r"\nshare:.*", "\nshare: [~/second/]", config))
    return sandbox


@pytest.mark.parametrize("place", ["~/second", "~/second/inner"])
def test_nothing_is_planted_in_a_repository_there(shared: Sandbox, place: str) -> None:
    above = shared.path(place)
    before = (above / ".git/config").read_text()
    done = shared.shell(
        """cd "$1"; echo x > .git/hooks/post-commit; printf '[core]\\nfsmonitor = ./x\\n' >> .git/config
        mv .git old; echo x > work; git status --short""",
        str(above),
    )
    assert "?? work" in done.stdout, done.stderr
    assert (above / "work").exists()
    assert not (above / ".git/hooks/post-commit").exists()
    assert (above / ".git/config").read_text() == before


def test_what_is_hidden_by_its_name_is_hidden_there(shared: Sandbox) -> None:
    shared.write("~/second/deep/.env")
    shared.write("~/second/key.pem")
    shared.write("~/second/.env.example", "EXAMPLE=\n")
    done = shared.shell("cd ~/second; cat deep/.env key.pem; cat .env.example; echo end")
    assert done.stdout == "EXAMPLE=\nend\n", done.stderr
    assert SECRET not in done.stderr


def test_what_may_not_appear_does_not(shared: Sandbox) -> None:
    done = shared.shell("cd ~/second; echo x > .envrc; mkdir -p .vscode; echo x > .vscode/tasks.json; echo end")
    assert done.stdout == "end\n"
    assert not shared.path("~/second/.envrc").exists()
    assert not shared.path("~/second/.vscode/tasks.json").exists()
    assert "quarantine" in done.stderr
