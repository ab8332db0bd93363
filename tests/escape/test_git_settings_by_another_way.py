"""Git, used outside afterwards, takes no settings of the agent's by any of its other ways to find them."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


def evil_settings(path: str) -> str:
    return f'printf "[core]\n fsmonitor = touch $HOME/EVIL\n" >> {path}'


@pytest.mark.parametrize(
    "attack",
    [
        f"cp -r .git evil && {evil_settings('evil/config')} && echo ../evil > .git/commondir",
        f"git config extensions.worktreeConfig true; {evil_settings('.git/config.worktree')}",
        f"cd nested && cp -r .git evil && {evil_settings('evil/config')} && echo ../evil > .git/commondir",
    ],
)
@pytest.mark.parametrize("extension", ["false", "true"])
def test_git_settings_by_another_way(sandbox: Sandbox, attack: str, extension: str) -> None:
    sandbox.outside("git", "init", "-q", "nested")
    sandbox.outside("git", "config", "extensions.worktreeConfig", extension)
    sandbox.shell(attack)
    for place in (sandbox.project, sandbox.project / "nested"):
        assert sandbox.outside("git", "-C", str(place), "status").returncode == 0
    assert not (sandbox.home / "EVIL").exists()
    assert not (sandbox.project / ".git/commondir").exists()
