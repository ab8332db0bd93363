"""Where git is set to sign, it is told not to inside, and one line before the start says so and what to do."""

from __future__ import annotations

from sandbox import Sandbox

COMMIT = "git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m one"


def test_a_commit_is_made_unsigned_and_that_is_said(sandbox: Sandbox) -> None:
    sandbox.write("~/.gitconfig", "[commit]\n\tgpgSign = true\n")
    done = sandbox.shell(COMMIT, options=())
    assert done.returncode == 0
    assert "aigate: not active: signing: commits are not signed inside" in done.stderr
    assert "git rebase --exec 'git commit --amend --no-edit -S'" in done.stderr
    assert "gpgsig" not in sandbox.outside("git", "cat-file", "-p", "HEAD").stdout


def test_variables_of_the_same_kind_stay(sandbox: Sandbox) -> None:
    sandbox.write("~/.gitconfig", "[commit]\n\tgpgsign = yes\n")
    sandbox.config("deny_env: []\n")
    sandbox.extra.update(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="user.name", GIT_CONFIG_VALUE_0="somebody")
    assert sandbox.shell("git config user.name; git config commit.gpgsign").stdout == "somebody\nfalse\n"


def test_nothing_is_said_where_nothing_is_signed(sandbox: Sandbox) -> None:
    sandbox.write("~/.gitconfig", "[commit]\n\tgpgsign = false\n")
    done = sandbox.shell("env", options=())
    assert "signing" not in done.stderr
    assert "GIT_CONFIG_COUNT" not in done.stdout
