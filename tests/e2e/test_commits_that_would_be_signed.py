"""Where git is set to sign, it is told not to inside, and one line before the start says so and what to do."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

COMMIT = "git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m one"


def test_a_commit_is_made_unsigned_and_that_is_said(sandbox: Sandbox) -> None:
    sandbox.write("~/.gitconfig", "[commit]\n\tgpgSign = true\n")
    done = sandbox.shell(COMMIT, options=())
    assert done.returncode == 0
    assert "aigate: not active: signing: commits are not signed inside" in done.stderr
    assert "git rebase --exec 'git commit --amend --no-edit -S'" in done.stderr
    assert "gpgsig" not in sandbox.outside("git", "cat-file", "-p", "HEAD").stdout


WAYS = {
    "[include]\n\tpath = signing\n": "[commit]\n\tgpgsign\n",
    "[include]\n\tpath = ~/signing\n[commit]\n\tgpgsign = true\n": "[user]\n\tname = a\n",
    '[includeIf "gitdir:~/"]\n\tpath = signing\n': "[commit]\n\tgpgSign = On\n",
    '[commit]\n\tgpgsign = true\n[includeIf "gitdir:/nowhere/"]\n\tpath = signing\n': "[commit]\n\tgpgsign = false\n",
}


@pytest.mark.parametrize(("settings", "included"), WAYS.items())
def test_settings_that_are_included_count(sandbox: Sandbox, settings: str, included: str) -> None:
    sandbox.write("~/.gitconfig", settings)
    sandbox.write("~/signing", included)
    done = sandbox.shell(COMMIT, options=())
    assert done.returncode == 0, done.stderr
    assert "aigate: not active: signing" in done.stderr


def test_settings_that_include_one_another_without_end(sandbox: Sandbox) -> None:
    sandbox.write("~/.gitconfig", "[include]\n\tpath = ~/.gitconfig\n" * 200)
    assert sandbox.run("true", options=("--dry-run",)).returncode == 0


@pytest.mark.parametrize("word", ["-S", "--gpg-sign", "-qS"])
def test_who_asks_for_a_signature_is_told_why_there_is_none(sandbox: Sandbox, word: str) -> None:
    done = sandbox.shell(f"{COMMIT} {word}")
    assert done.returncode == 128
    assert "your user's keys are out of reach here" in done.stderr
    assert sandbox.shell(COMMIT).stderr == ""


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
