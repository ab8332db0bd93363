"""A denied program that lies in a hidden directory needs no stub, and there is no way to put one there."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize("home", ["writable", "layer"])
def test_it_does_not_keep_a_run_from_starting(sandbox: Sandbox, home: str) -> None:
    program = sandbox.write("~/kept/tool", "#!/bin/sh\necho ran\n", 0o755)
    sandbox.write("~/bin/keep", "")
    (sandbox.home / "bin/tool").symlink_to(program)
    sandbox.config(f"deny_read: [~/kept/]\ndeny_exec: [tool]\nhome: {home}\n")
    sandbox.extra["PATH"] = f"{sandbox.home}/bin:/usr/bin:/bin"
    done = sandbox.shell("echo started; tool")
    assert done.stdout == "started\n", done.stderr
    assert done.returncode in (126, 127)
