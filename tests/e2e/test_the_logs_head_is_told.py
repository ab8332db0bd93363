"""A run tells at its end where the audit log ends, as `aigate log verify` takes it; a full disk is told."""

from __future__ import annotations

import os

import pytest
from sandbox import Sandbox

LITTLE = r"""
mount -t tmpfs -o size=64k none ~/.aigate && cp "$1" ~/.aigate/config.yaml && shift
cat /dev/zero > ~/.aigate/filler 2> /dev/null
exec "$@" run --quiet -- touch ran
"""


def test_the_head_at_the_end_is_the_logs(sandbox: Sandbox) -> None:
    done = sandbox.run("sh", "-c", "exit 3", options=())
    assert done.returncode == 3
    head = done.stderr.splitlines()[-1].removeprefix("aigate: log ")
    assert head.startswith("2:"), done.stderr
    assert sandbox.run("true").stderr == ""
    assert sandbox.aigate("log", "verify", "--head", head).returncode == 0
    log = sandbox.path("~/.aigate/audit.jsonl")
    log.write_bytes(log.read_bytes().replace(b'"status": 3', b'"status": 0'))
    assert sandbox.aigate("log", "verify", "--head", head).returncode == 1


@pytest.mark.only("root")
@pytest.mark.skipif(os.getuid() != 0, reason="a file system of one's own is root's to mount")
def test_a_full_disk_is_told_and_nothing_runs(sandbox: Sandbox) -> None:
    sandbox.write("~/kept.yaml", "home: writable\ndeny_read: []\n")
    done = sandbox.execute(["unshare", "-m", "sh", "-c", LITTLE, "sh", f"{sandbox.home}/kept.yaml", *sandbox.prefix])
    assert done.returncode == 1
    assert "the audit log" in done.stderr
    assert "cannot be written" in done.stderr
    assert "check the file and free space" in done.stderr
    assert not sandbox.path("ran").exists()
