"""What the machine itself offers: if one of these fails, the others mean nothing."""

from __future__ import annotations

import pathlib
import subprocess


def test_the_tree_is_of_version_2() -> None:
    assert {"memory", "pids", "cpu"} <= set(pathlib.Path("/sys/fs/cgroup/cgroup.controllers").read_text().split())


def test_the_ordinary_user_has_a_manager() -> None:
    state = subprocess.run(
        ["systemctl", "--user", "--machine=tester@", "is-system-running", "--wait"], capture_output=True, text=True
    )
    assert state.stdout.strip() == "running", state
