"""What the machine itself offers: if one of these fails, the others mean nothing."""

from __future__ import annotations

import pathlib
import subprocess

from sandbox import Sandbox


def test_the_tree_is_of_version_2() -> None:
    assert {"memory", "pids", "cpu"} <= set(pathlib.Path("/sys/fs/cgroup/cgroup.controllers").read_text().split())


def test_the_ordinary_user_has_a_manager() -> None:
    state = subprocess.run(
        ["systemctl", "--user", "--machine=tester@", "is-system-running", "--wait"], capture_output=True, text=True
    )
    assert state.stdout.strip() == "running", state


def test_a_run_leaves_the_hosts_mounts_alone(sandbox: Sandbox) -> None:
    """They are shared here, as systemd makes them: what a helper of ours unmounts would go everywhere."""
    before = pathlib.Path("/proc/self/mountinfo").read_text()
    done = sandbox.run("true", options=("--verbose",))
    assert done.returncode == 0, done.stderr
    assert "(slirp)" in done.stderr or sandbox.uid != 0
    assert pathlib.Path("/proc/self/mountinfo").read_text() == before
