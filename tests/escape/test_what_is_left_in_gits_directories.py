"""After a run, git outside runs nothing of the agent's, wherever the agent made a repository; ordinary ones stay."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.everywhere
def test_what_git_would_run(sandbox: Sandbox) -> None:
    done = sandbox.shell("""
        git init -q a && git -C a config core.fsmonitor "touch $PWD/ran" && cp /bin/true a/.git/hooks/pre-commit
        mkdir .git/rebase-merge && echo "exec touch $PWD/ran" > .git/rebase-merge/git-rebase-todo
        echo 'ref: refs/heads/main' > HEAD && mkdir objects refs && printf '[core]\\nfsmonitor=touch ran\\n' > config
        rm .git/HEAD && ln -s refs/heads/other .git/HEAD
    """)
    left = ("a/.git/config", "a/.git/hooks/pre-commit", ".git/rebase-merge", "HEAD", "config")
    assert [name for name in left if sandbox.path(name).exists()] == [], done.stderr
    assert not (sandbox.project / ".git/HEAD").is_symlink()
    assert (sandbox.project / ".git/HEAD").read_text() == "ref: refs/heads/other\n"
    for place in (".", "a"):
        sandbox.outside("git", "-C", place, "status")
    assert not (sandbox.project / "ran").exists()


@pytest.mark.everywhere
def test_what_git_makes_by_itself_stays(sandbox: Sandbox) -> None:
    """Clone, init, worktree, a commit, a stash: nothing is moved away, and all of them go on working outside."""
    done = sandbox.shell("""
        set -e
        export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
        echo x > file && git add file && git commit -qm one
        git init -q fresh && git -C fresh config user.name me
        git clone -q . copy && git -C copy checkout -q -b other && git -C copy branch -q -u origin/HEAD
        git worktree add -q tree && echo y > file && git stash -q
    """)
    assert done.returncode == 0, done.stderr
    assert "moved away" not in done.stderr
    for place in ("fresh", "copy", "tree", "."):
        assert sandbox.outside("git", "-C", place, "status").returncode == 0
    assert sandbox.aigate("quarantine").stdout == "nothing was moved away\n"


@pytest.mark.parametrize(
    "opts", ["strategy=x/../../ran", "STRATEGY  = x/../../ran", "[a][options]strategy = x/../../ran"]
)
def test_a_strategy_however_it_is_spelt(sandbox: Sandbox, opts: str) -> None:
    """Git would start what a strategy names, a path too, when the user goes on with the picks."""
    done = sandbox.shell(f"mkdir .git/sequencer && printf '[options]\\n{opts}\\n' > .git/sequencer/opts")
    assert not (sandbox.project / ".git/sequencer").exists(), done.stderr


def test_strategies_of_gits_own_stay(sandbox: Sandbox) -> None:
    text = "[options]\\n\\tstrategy = recursive\\n\\tstrategy-option = ours\\n"
    done = sandbox.shell(f"mkdir .git/sequencer && printf '{text}' > .git/sequencer/opts")
    assert (sandbox.project / ".git/sequencer/opts").exists(), done.stderr
