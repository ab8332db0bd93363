"""A repository that the user makes while a run lasts: from then on its settings are the user's alone."""

from __future__ import annotations

import os

import pytest
from meanwhile import meanwhile
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
WRITABLE = ("home: layer", "home: writable")
ATTACK = """
    cd {store}; echo evil >> config; printf '#!/bin/sh\\ntouch {ran}' > hooks/post-checkout; chmod +x hooks/post-*
    mv hooks others; mv ../{name} ../moved; echo end
"""


CLONE = "git clone -q -u 'sleep 2; git-upload-pack'"  # git is there long enough to be seen beside whatever load


@pytest.mark.everywhere
@pytest.mark.parametrize(
    ("made", "store"),
    [
        (f"{CLONE} . sub", "sub/.git"),
        (f"{CLONE} --separate-git-dir=store . sub", "store"),
        (f"{CLONE} --separate-git-dir=../store . sub", "../store"),
    ],
    ids=["in-place", "separate", "in-the-home"],
)
def test_nobody_inside_changes_its_settings(sandbox: Sandbox, made: str, store: str) -> None:
    sandbox.config((sandbox.home / ".aigate/config.yaml").read_text().replace(*WRITABLE))
    script = ATTACK.format(store=store, name=os.path.basename(store), ran=sandbox.path("ran"))
    told = meanwhile(sandbox, lambda _: _made(sandbox, made), script)
    assert told.stdout == "end\n", told.stderr
    assert told.stderr.count("Read-only file system") >= 2, told.stderr
    assert told.stderr.count("Device or resource busy") == 2, told.stderr
    assert "evil" not in sandbox.path(f"{store}/config").read_text()
    sandbox.outside("git", "-C", "sub", "checkout", "-q", "-b", "new")
    assert not sandbox.path("ran").exists()


@pytest.mark.everywhere
def test_what_the_user_sets_there_stays(sandbox: Sandbox) -> None:
    """It would not if it were an agent's."""

    def make(_: object) -> None:
        _made(sandbox, f"{CLONE} . sub")
        _made(sandbox, "git -C sub config core.editor vim; echo mine > sub/.git/hooks/pre-commit")

    told = meanwhile(sandbox, make, "git -C sub config core.pager evil; echo evil > sub/.git/commondir; echo end")
    assert told.stdout == "end\n", told.stderr
    assert sandbox.path("sub/.git/hooks/pre-commit").read_text() == "mine\n", told.stderr
    assert not sandbox.path("sub/.git/commondir").exists(), told.stderr
    config = sandbox.path("sub/.git/config").read_text()
    assert "vim" in config, told.stderr
    assert "evil" not in config


@pytest.mark.everywhere
def test_those_of_an_agent_are_its_own(sandbox: Sandbox) -> None:
    """It has no name that another test makes outside just then: whose one is tells a program outside that names it."""
    done = sandbox.shell("git init -q own && git -C own config user.name a && rm -r own && echo gone")
    assert done.stdout == "gone\n", done.stderr


def _made(sandbox: Sandbox, script: str) -> None:
    done = sandbox.outside("sh", "-c", f"{script} && sleep 1")
    assert done.returncode == 0, done.stderr
