"""What the agent of one project leaves in the home is not there for the agent of another."""

from __future__ import annotations

import os

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


def test_projects_are_apart(sandbox: Sandbox) -> None:
    other = sandbox.home / "other"
    other.mkdir()
    os.chown(other, sandbox.uid, sandbox.gid)
    assert sandbox.outside("git", "init", "-q", str(other)).returncode == 0
    assert sandbox.shell("echo planted > ~/planted; cat ~/planted").stdout == "planted\n"
    done = sandbox.shell("cat ~/planted ~/.aigate/layers/*/home/upper/planted; ls ~", cwd=other)
    assert "planted\n" not in done.stdout
    assert "No such file" in done.stderr
    assert sandbox.shell("cat ~/planted").stdout == "planted\n"
