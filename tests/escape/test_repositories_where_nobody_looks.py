"""A repository in git's own store, one whose hooks are a link, one that would write elsewhere: git obeys none."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
IN_THE_STORE = """
    for place in objects/own lfs/own; do
        git init -q --bare .git/$place; git -C .git/$place config core.fsmonitor "touch $PWD/ran"
    done
    mkdir one two three; echo 'gitdir: ../.git/objects/own' > one/.git; ln -s ../.git/lfs/own two/.git
    echo 'gitdir: ../.git/lfs/own' > moved; mv moved three/.git
"""
LINKED = """
    git init -q one; rm -r one/.git/hooks; mkdir one/own; ln -s ../own one/.git/hooks
    printf '#!/bin/sh\\ntouch '$PWD'/ran' > one/own/post-checkout; chmod +x one/own/post-checkout
"""
ELSEWHERE = """
    git init -q one; cd one; git config user.name a; git config user.email a@b
    git config core.worktree ../../..; echo touched > ../../file; git add ../../file; git commit -qm one
"""


@pytest.mark.everywhere
@pytest.mark.parametrize("made", [IN_THE_STORE, LINKED, ELSEWHERE], ids=["store", "linked", "elsewhere"])
def test_git_outside_runs_nothing_of_it(sandbox: Sandbox, made: str) -> None:
    sandbox.write("~/file", "mine")
    done = sandbox.shell(made)
    assert "moved away" in done.stderr, done
    for place in ("one", "two", "three"):
        if sandbox.path(place).exists():
            sandbox.outside("git", "-C", place, "status")
            sandbox.outside("git", "-C", place, "checkout", "-q", "-b", "new")
            sandbox.outside("git", "-C", place, "reset", "-q", "--hard")
    assert not sandbox.path("ran").exists()
    assert not sandbox.path("one/.git/hooks").is_symlink()
    assert sandbox.path("~/file").read_text() == "mine"


def test_links_of_the_users_own_stay(sandbox: Sandbox) -> None:
    sandbox.outside("sh", "-c", "mkdir own; rm -r .git/hooks; ln -s ../own .git/hooks")
    done = sandbox.shell("git status")
    assert done.returncode == 0, done.stderr
    assert sandbox.path(".git/hooks").is_symlink()
