"""Git works inside as outside, and sees nothing of the sandbox."""

from __future__ import annotations

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")

GIT = "git -c user.name=x -c user.email=x@y"


def test_git_works_as_ever_inside(sandbox: Sandbox) -> None:
    done = sandbox.shell(
        f"set -e; echo x > f; git add f; {GIT} commit -q -m x; git checkout -q -b other; git worktree add -q ../wt;"
        "git worktree list; git gc -q; git fsck; git stash list; git clone -q . ../copy; git status --porcelain"
    )
    assert done.returncode == 0, done.stderr


def test_nothing_of_ours_shows_in_git(sandbox: Sandbox) -> None:
    assert sandbox.run("git", "status", "--porcelain", "--untracked-files=all").stdout == ""
