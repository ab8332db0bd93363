"""A directory whose reading fails hides as a whole; one whose reading is interrupted by a signal is read again."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SEARCH = """
import sys
from aigate.config.model import Entry
from aigate.policy.patterns import parse_patterns
from aigate.policy.walk import find_paths
found = find_paths(parse_patterns([Entry(".env", "", 1)], "/nowhere"), (), sys.argv[1])
print(*(f"{item.path}: {item.reason}" for item in found.hidden), *found.unsearched, sep="\\n")
"""


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("getdents64:error=EIO", ["sub: it could not be searched: Input/output error"]),
        ("getdents64:error=EINTR:when=1", ["sub/.env: deny_read: .env"]),
        ("openat:error=EINTR:when=1", ["sub/.env: deny_read: .env"]),
        ("openat:error=EIO", ["sub: it could not be searched: Input/output error"]),
    ],
)
def test_it(tmp_path: pathlib.Path, fault: str, expected: list[str]) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/.env").touch()
    call = fault.partition(":")[0]
    tracer = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", "sub", "-e", f"trace={call}"]
    done = subprocess.run(
        [*tracer, "-e", f"inject={fault}", sys.executable, "-c", SEARCH, str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.split("\n")
    assert [line.removeprefix(f"{tmp_path}/") for line in lines if line.startswith("/")] == expected
