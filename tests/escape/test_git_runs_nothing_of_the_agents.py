"""Git, used outside afterwards, runs nothing that the agent put into hooks or settings."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize(
    "attack",
    [
        "echo evil >> .git/hooks/pre-commit",
        "mv .git .git2 && cp -r .git2 .git && echo evil > .git/hooks/pre-commit",
        "rm -rf .git && git init && echo evil > .git/hooks/pre-commit",
        "git config core.fsmonitor evil",
        "git config core.hooksPath .",
        "git config --global core.pager evil",
        "unshare -Urm sh -c 'umount -R .git/hooks; echo evil > .git/hooks/pre-commit'",
        "rm -f .git/config && printf evil > .git/config",
    ],
)
def test_git_runs_nothing_of_the_agents_afterwards(sandbox: Sandbox, attack: str) -> None:
    sandbox.shell(attack)
    assert not (sandbox.project / ".git/hooks/pre-commit").exists()
    assert "evil" not in (sandbox.project / ".git/config").read_text()
    assert "hooksPath" not in (sandbox.project / ".git/config").read_text()
    assert not (sandbox.home / ".gitconfig").exists()
