"""At the end of a run a line says which denied programs were tried, and what was written where later agents obey it."""

from __future__ import annotations

import json

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
TRIED = "was tried and is denied (deny_exec)"


@pytest.mark.parametrize(
    ("entries", "script", "told"),
    [
        ("[wget, ssh]", "wget x; ssh y; ssh z", ("ssh", "wget")),
        ("[git push]", "git push; git -c user.name=x push", ("git",)),
        ("[wget, git push]", 'python3 -c \'import os; os.execlp("wget", "wget")\'; git version', ("wget",)),
        ("[wget, git push]", "git status; command -v wget; ls -l /usr/bin/wget /usr/bin; test -x /usr/bin/wget", ()),
    ],
)
def test_programs(sandbox: Sandbox, entries: str, script: str, told: tuple[str, ...]) -> None:
    sandbox.config(f"deny_exec: {entries}\n")
    said = [line for line in sandbox.shell(f"({script}) >/dev/null 2>&1").stderr.splitlines() if TRIED in line]
    names = {name for line in said for name in line.removeprefix("aigate: ").partition(":")[0].split(", ")}
    assert (names, len(said)) == (set(told), 1 if told else 0)


def test_explain_and_learn_know_what_was_tried(sandbox: Sandbox) -> None:
    sandbox.config("deny_exec: [wget, git push, git stash, ssh]\n")
    sandbox.shell("wget x; git push")
    tried = [item["command"] for item in json.loads(sandbox.aigate("explain", "--last", "--json").stdout)]
    assert sorted(tried) == [["git", "push"], ["git", "stash"], ["wget"]]
    offers = json.loads(sandbox.aigate("learn", "--json").stdout)
    assert [offer["word"] for offer in offers] == ["git push", "git stash", "wget"]
    assert "tried: wget (deny_exec)" in sandbox.aigate("log").stdout


def test_start_files_in_the_layer(sandbox: Sandbox) -> None:
    done = sandbox.shell("echo evil >> ~/.bashrc; echo x > ~/notes", options=())
    assert f"{sandbox.home}/.bashrc: written in the layer, where later agents would obey it" in done.stderr
    assert "notes" not in done.stderr
    assert "written in the layer" not in sandbox.run("true", options=()).stderr
