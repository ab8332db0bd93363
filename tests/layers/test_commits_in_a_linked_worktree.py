"""Where a worktree's repository lies in the home, a line says that commits stay in the layer, and its command works."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
AS_SOMEBODY = "-c user.name=a -c user.email=a@example.com"


def test_commits_in_a_linked_worktree(sandbox: Sandbox) -> None:
    main = sandbox.path("~/main")
    made = f"git init -q {main} && git -C {main} {AS_SOMEBODY} commit -q --allow-empty -m one && "
    assert sandbox.outside("sh", "-c", f"{made} git -C {main} worktree add -q {sandbox.project}/side").returncode == 0
    side = sandbox.project / "side"
    sandbox.project = side
    done = sandbox.shell(f"git {AS_SOMEBODY} commit -q --allow-empty -m two", options=())
    assert done.returncode == 0, done.stderr
    assert "not active: worktree: its repository ~/main/.git" in done.stderr
    assert "until aigate layer apply ~/main/.git" in done.stderr
    assert sandbox.shell("git log --format=%s").stdout == "two\none\n"
    assert sandbox.outside("git", "log", "--format=%s").stdout == "one\n"
    assert sandbox.aigate("layer", "apply", str(main / ".git")).returncode == 0
    assert sandbox.outside("git", "log", "--format=%s").stdout == "two\none\n"
    assert sandbox.outside("git", "fsck").returncode == 0


MADE = {
    "a repository beside it": "git init -q --separate-git-dir={away}/x.git .",
    "a link": "git init -q . && mv .git {away}/x.git && ln -s {away}/x.git .git",
}


@pytest.mark.parametrize("how", MADE)
def test_commits_to_a_repository_elsewhere_in_the_home(sandbox: Sandbox, how: str) -> None:
    assert sandbox.outside("sh", "-c", MADE[how].format(away=sandbox.home)).returncode == 0
    done = sandbox.shell(f"git {AS_SOMEBODY} commit -q --allow-empty -m one", options=())
    assert done.returncode == 0, done.stderr
    assert "not active: worktree: its repository ~/x.git lies in the home's layer" in done.stderr
    assert sandbox.aigate("layer", "apply", str(sandbox.home / "x.git")).returncode == 0
    assert sandbox.outside("git", "log", "--format=%s").stdout == "one\n"


@pytest.mark.parametrize("how", MADE)
def test_commits_to_a_repository_that_cannot_be_written_to(sandbox: Sandbox, how: str) -> None:
    away = sandbox.home.parent
    assert sandbox.outside("sh", "-c", MADE[how].format(away=away)).returncode == 0
    done = sandbox.shell(f"git {AS_SOMEBODY} commit -q --allow-empty -m one", options=())
    assert "Read-only file system" in done.stderr
    told = f"not active: worktree: its repository {away}/x.git is in neither project nor home: commits fail; start in a"
    assert told in done.stderr


def test_nothing_is_said_of_a_repository_in_the_project(sandbox: Sandbox) -> None:
    made = f"git init -q . && git {AS_SOMEBODY} commit -q --allow-empty -m one && git worktree add -q side"
    assert sandbox.outside("sh", "-c", made).returncode == 0
    done = sandbox.shell("true", options=())
    assert done.returncode == 0
    assert "worktree" not in done.stderr
