"""What would run at the user's next login cannot appear."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
FILES = ("~/.bash_aliases", "~/.zlogin", "~/.xsessionrc", "~/.inputrc", "~/.ssh/rc", "~/.ssh/authorized_keys",
         "~/.aws/config", "~/.kube/config", "~/.npmrc", "~/.docker/config.json")  # fmt: skip


@pytest.mark.everywhere
def test_start_files_that_were_not_there(sandbox: Sandbox) -> None:
    script = "for file; do eval file=$file; mkdir -p $(dirname $file); echo evil > $file; done"
    sandbox.shell(script, *FILES)
    assert [file for file in FILES if sandbox.path(file).exists()] == []


def test_a_directory_on_path_that_was_not_there(sandbox: Sandbox) -> None:
    sandbox.extra["PATH"] = f"{sandbox.home}/.tool/bin:/usr/bin:/bin"
    sandbox.shell("mkdir -p ~/.tool/bin; echo evil > ~/.tool/bin/ls")
    assert not (sandbox.home / ".tool/bin").exists()
