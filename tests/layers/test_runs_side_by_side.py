"""Runs of one project share one layer while they last, also when the one that made it ends first or is killed."""

from __future__ import annotations

import subprocess

import pytest
from meanwhile import wait_until
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
WAIT = "until [ -e ~/go-on-{0} ]; do sleep 0.02; done"


def started(sandbox: Sandbox, name: str) -> subprocess.Popen[str]:
    """Start a run that leaves a mark in the home and goes on until another mark is there."""
    script = f"echo {name} > ~/from-{name}; echo ready; {WAIT.format(name)}; cat ~/from-*"
    run = subprocess.Popen(
        [*sandbox.prefix, "run", "--quiet", "--", "sh", "-c", script],
        cwd=sandbox.project, env=sandbox.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, **sandbox.identity(),
    )  # fmt: skip
    assert run.stdout
    assert run.stdout.readline() == "ready\n"
    return run


@pytest.mark.parametrize("killed", [False, True], ids=["ends", "is killed"])
def test_runs_side_by_side(sandbox: Sandbox, killed: bool) -> None:
    first, second = started(sandbox, "a"), started(sandbox, "b")
    if killed:
        first.kill()
        first.communicate(timeout=60)
    else:
        sandbox.shell("touch ~/go-on-a")
        assert first.communicate(timeout=60)[0] == "a\nb\n"
    third = started(sandbox, "c")
    sandbox.shell("touch ~/go-on-b ~/go-on-c")
    assert second.communicate(timeout=60)[0] == "a\nb\nc\n"
    assert third.communicate(timeout=60)[0] == "a\nb\nc\n"
    (layer,) = (sandbox.home / ".aigate/layers").glob("project-*")
    assert sandbox.shell("cat ~/from-*").stdout == "a\nb\nc\n"
    # What a killed run has left is taken away by the next one after its guard has ended.
    wait_until(lambda: sandbox.run("true").returncode == 0 and not list((layer / "runs").iterdir()))
