"""An agent nests directories thousands deep, so that the next run's search fails or misses something."""

from __future__ import annotations

import subprocess

import pytest
from choice import budget
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
DIG = """
import os
top = os.open(".", os.O_RDONLY)
for _ in range({depth}):
    os.mkdir("d")
    os.chdir("d")
os.link("key.pem", "other", src_dir_fd=top)
"""
READ = """
import os
for _ in range({depth}):
    os.chdir("d")
print(open("other").read())
"""


# 2100: deeper than Python calls itself, and a path longer than the kernel takes.
@pytest.mark.parametrize("depth", [2100, 1400, 3000][: budget(1, 1, 3)])
def test_directories_nested_for_the_next_run(sandbox: Sandbox, depth: int) -> None:
    sandbox.config("deny_read: []\n")
    sandbox.write("key.pem")
    try:
        assert sandbox.run("python3", "-c", DIG.format(depth=depth)).returncode == 0
        sandbox.config('deny_read: ["*.pem"]\n')
        done = sandbox.run("python3", "-c", READ.format(depth=depth))
        assert SECRET not in done.stdout
        assert "aigate" not in done.stderr, done.stderr
        assert sandbox.run("true").returncode == 0
    finally:
        subprocess.run(["rm", "-rf", str(sandbox.project / "d")], check=True)  # too deep for Python
