"""What any profile calls passing is taken out of the layer when a run ends, and nothing else is touched."""

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


@pytest.mark.parametrize("start", [("sh", "-c", "agent"), ("env", "agent"), ("timeout", "60", "agent"), ("./start",)])
def test_an_agent_that_a_script_starts_leaves_nothing_either(sandbox: Sandbox, start: tuple[str, ...]) -> None:
    sandbox.write("~/bin/agent", f"#!/usr/bin/python3\n{MADE}").chmod(0o755)
    sandbox.write("start", "#!/bin/sh\nagent; exit $?\n").chmod(0o755)
    sandbox.extra["PATH"] = f"{sandbox.home}/bin:/usr/bin:/bin"
    done = sandbox.run(*start)
    assert (done.returncode, done.stderr) == (0, "")
    assert not list(sandbox.home.glob(".aigate/layers/*/*/upper/.tool/packages/*"))
    assert sandbox.shell("cd ~/.tool; ls packages; cat kept").stdout == "own\nx\n"


def test_a_profile_that_says_nothing_sensible_keeps_no_other_from_it(sandbox: Sandbox) -> None:
    sandbox.write("~/.aigate/profiles/broken.yaml", "passing: [[\n")
    done = sandbox.run("python3", "-c", MADE)
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.shell("cd ~/.tool; ls packages").stdout == "own\n"
