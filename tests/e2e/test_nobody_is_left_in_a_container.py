"""Where process 1 collects no children but its own, as in a container that was started with a server, none are left."""

from __future__ import annotations

import json

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
FIRST = """
import glob, json, subprocess, sys, time
for _ in range(3):
    subprocess.run(json.loads(sys.argv[1]), check=True)
def dead():
    lines = [open(path).read() for path in glob.glob("/proc/[0-9]*/stat")]
    return [line for line in lines if line.rpartition(") ")[2][0] == "Z"]
until = time.monotonic() + 5
while (found := dead()) and time.monotonic() < until:
    time.sleep(0.05)
print("left:", *found)
"""


@pytest.mark.only("root")  # who may mount a /proc of one's own
@pytest.mark.parametrize("allow", ["", "allow_net: [a.test]\n"])
def test_no_zombie(sandbox: Sandbox, allow: str) -> None:
    sandbox.config(f"deny_read: [no.such]\n{allow}")
    command = json.dumps([*sandbox.prefix, "run", "-q", "--", "sh", "-c", "sleep 300 & exit 0"])
    apart = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    done = sandbox.execute([*apart, "/usr/bin/python3", "-c", FIRST, command])
    assert done.stdout == "left:\n", done.stderr
