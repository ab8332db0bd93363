"""Nor in a worktree, whose repository lies elsewhere."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")

GIT = "git -c user.name=x -c user.email=x@y"


def evil_settings(path: str) -> str:
    return f'printf "[core]\n fsmonitor = touch $HOME/EVIL\n" >> {path}'


@pytest.mark.parametrize(
    "attack",
    [
        f"cp -r ../project/.git evil && {evil_settings('evil/config')}; echo 'gitdir: ./evil' > .git; mv evil .git",
        "git config core.fsmonitor 'touch $HOME/EVIL'",
        evil_settings("../project/.git/config"),
        evil_settings("../project/.git/config.worktree"),
        "printf 'touch $HOME/EVIL' > ../project/.git/hooks/post-index-change; chmod +x ../project/.git/hooks/*",
        f"cp -r ../project/.git e && {evil_settings('e/config')}; echo $PWD/e > ../project/.git/worktrees/wt/commondir",
        f"cp -r ../project/.git e && {evil_settings('e/config')}; echo $PWD/e > ../project/.git/commondir",
    ],
)
def test_git_settings_of_a_worktree(sandbox: Sandbox, attack: str) -> None:
    sandbox.outside("git", "config", "extensions.worktreeConfig", "true")
    sandbox.outside(*GIT.split(), "commit", "-q", "--allow-empty", "-m", "x")
    worktree = sandbox.home / "wt"
    assert sandbox.outside("git", "worktree", "add", "-q", str(worktree)).returncode == 0
    assert sandbox.run("git", "status", cwd=worktree).returncode == 0
    sandbox.shell(attack, cwd=worktree)
    for place in (sandbox.project, worktree):
        sandbox.outside("git", "-C", str(place), "status")
    assert not (sandbox.home / "EVIL").exists()
    assert (worktree / ".git").is_file()
