"""Other ways to the same files, on real bind mounts in a mount namespace of the test's own."""

from __future__ import annotations

import pathlib
import subprocess
import sys

from aigate.policy.mounts import Mount, other_paths, parse_mounts

LINE = r"36 35 98:0 /mnt1 /a\040b/\134c rw,noatime master:1 - ext3 /dev/root rw,errors=continue"


def test_a_line_is_taken_apart() -> None:
    assert parse_mounts(LINE + "\n") == (Mount("98:0", "/mnt1", "/a b/\\c", "ext3"),)


def test_no_lines_at_all_and_what_some_take_for_the_end_of_one() -> None:
    assert parse_mounts("") == ()
    odd = LINE.replace("mnt1", "a\x0b\x1cb\x85c\u2028d\r")
    assert [mount.root for mount in parse_mounts(odd + "\n")] == ["/a\x0b\x1cb\x85c\u2028d\r"]


PROGRAM = """
import subprocess, sys
from aigate.policy.mounts import other_paths, read_mounts
base = sys.argv[1]
for source, target in (("tree", "again"), ("tree/sub", "deep")):
    subprocess.run(["mount", "--bind", f"{base}/{source}", f"{base}/{target}"], check=True)
mounts = read_mounts()
print(*sorted(other_paths(f"{base}/tree/sub/file", mounts)))
print(*sorted(other_paths(f"{base}/deep/file", mounts)))
print(*sorted(other_paths(f"{base}/tree/top", mounts)))
"""


def test_bind_mounts_are_found_in_both_directions(tmp_path: pathlib.Path) -> None:
    for name in ("tree/sub", "again", "deep"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("tree/top", "tree/sub/file"):
        (tmp_path / name).write_text("x")
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", sys.executable, "-c", PROGRAM, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    first, second, third = done.stdout.splitlines()
    assert first.split() == [f"{tmp_path}/again/sub/file", f"{tmp_path}/deep/file"]
    assert second.split() == [f"{tmp_path}/again/sub/file", f"{tmp_path}/tree/sub/file"]
    assert third.split() == [f"{tmp_path}/again/top"]


def test_a_path_that_exists_once_has_no_other(tmp_path: pathlib.Path) -> None:
    assert other_paths(str(tmp_path), [Mount("1:1", "/", "/")]) == []
