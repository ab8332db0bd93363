"""Limits on a machine without control groups; tests/vm has those with."""

from __future__ import annotations

import pathlib

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
CONTROLLERS = pathlib.Path("/sys/fs/cgroup/cgroup.controllers")
FORKS = "for i in $(seq 60); do sleep 3 & done 2>/dev/null; wait"

pytestmark = pytest.mark.skipif(CONTROLLERS.exists(), reason="this machine has control groups of version 2")


def test_processes_are_limited_without_control_groups(sandbox: Sandbox) -> None:
    sandbox.config("resource_limits: {max_pids: 30}\n")
    done = sandbox.run("sh", "-c", FORKS, options=("--verbose",))
    if sandbox.uid == 0:
        assert "not active: limits: max_pids is not enforced" in done.stderr
        assert done.returncode == 0
    else:
        assert "\nlimits 30 processes\n" in done.stderr
        assert done.returncode != 0


@pytest.mark.only("user")  # the kernel does not count root's processes
def test_processes_are_limited_also_behind_a_filtered_network(sandbox: Sandbox) -> None:
    sandbox.config("resource_limits: {max_pids: 30}\nallow_net: [example.org]\n")
    assert sandbox.run("sh", "-c", FORKS).returncode != 0
    assert sandbox.run("true").returncode == 0


def test_what_others_run_does_not_count(sandbox: Sandbox) -> None:
    sandbox.config("resource_limits: {max_pids: 30}\n")
    done = sandbox.outside(
        "sh", "-c", f"for i in $(seq 40); do sleep 5 & done; exec {' '.join(sandbox.prefix)} run -- true"
    )
    assert done.returncode == 0, done.stderr


def test_limits_that_cannot_be_enforced_are_named(sandbox: Sandbox) -> None:
    sandbox.config("resource_limits: {max_memory: 1G, max_cpu_percent: 50}\n")
    done = sandbox.run("true", options=())
    assert done.returncode == 0
    assert "not active: limits: max_memory and max_cpu_percent are not enforced: " in done.stderr


@pytest.mark.parametrize("where", ["config", "option"])
def test_required_limits_end_the_run(sandbox: Sandbox, where: str) -> None:
    required = "require: [limits]\n" if where == "config" else ""
    options = () if where == "config" else ("--require", "mask,limits")
    sandbox.config(f"resource_limits: {{max_memory: 1G}}\nmask_stdout: {{presets: [all]}}\n{required}")
    done = sandbox.run("touch", "ran", options=options)
    assert done.returncode == 1
    assert "limits is required, and max_memory is not enforced" in done.stderr
    assert not (sandbox.project / "ran").exists()


def test_what_was_never_asked_for_can_be_required(sandbox: Sandbox) -> None:
    sandbox.config("deny_read: []\n")
    for name, reason in (("limits", "nothing is limited"), ("net", "every host"), ("mask", "nothing is masked")):
        done = sandbox.run("true", options=("--require", name))
        assert done.returncode == 1
        assert reason in done.stderr
