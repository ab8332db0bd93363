"""What a profile calls passing is taken out of the layer when the run ends, and nothing else is touched."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
MADE = """
import os
os.chdir(os.path.expanduser("~/.tool"))
open("kept", "w").write("x\\n")
os.chdir("packages")
os.unlink("own")
os.makedirs("closed/x")
os.chmod("closed", 0)
for _ in range(1500):
    os.mkdir("deep")
    os.chdir("deep")
"""
TOOL = ("--quiet", "--profile", "tool")


@pytest.fixture(autouse=True)
def profile(sandbox: Sandbox) -> None:
    sandbox.config("deny_read: [no.such]\n")
    sandbox.write("~/.aigate/profiles/tool.yaml", "passing: [~/.tool/packages/]\n")
    sandbox.write("~/.tool/packages/own", "the user's own\n")


def test_what_is_passing_is_gone_and_the_rest_stays(sandbox: Sandbox) -> None:
    done = sandbox.run("python3", "-c", MADE, options=TOOL)
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.shell("cd ~/.tool; ls packages; cat kept").stdout == "own\nx\n"
    assert sandbox.path("~/.tool/packages/own").exists()


def test_no_link_is_followed(sandbox: Sandbox) -> None:
    sandbox.write("~/precious/packages/own", "the user's own\n")
    done = sandbox.run("sh", "-c", "rm -r ~/.tool && ln -s ~/precious ~/.tool", options=TOOL)
    assert done.returncode == 0, done.stderr
    assert sandbox.path("~/precious/packages/own").exists()
