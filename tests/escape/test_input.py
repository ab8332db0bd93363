"""What the standard input of a run can be used for besides reading it."""

from __future__ import annotations

import os
import subprocess

import pytest
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize("attack", ["echo evil >> /proc/self/fd/0", "echo evil > /dev/stdin", "chmod 777 /dev/stdin"])
@pytest.mark.parametrize("given", ["~/.bashrc", ".env", ".git/config"])
def test_a_file_that_is_given_to_be_read(sandbox: Sandbox, given: str, attack: str) -> None:
    """Its descriptor leads to the host's mount, where it is not protected."""
    file = sandbox.write(given, "one\ntwo\n")
    with file.open() as descriptor:
        done = sandbox.shell(f"cat; ({attack}) 2>&1", stdin=descriptor)
    assert done.stdout.startswith("one\ntwo\n")
    assert "Read-only file system" in done.stdout
    assert file.read_text() == "one\ntwo\n"
    assert file.stat().st_mode & 0o777 == 0o644


def test_it_goes_on_where_it_was_read_to(sandbox: Sandbox) -> None:
    sandbox.write("lines", "one\ntwo\n")
    inner = " ".join(sandbox.prefix)
    done = sandbox.outside("sh", "-c", f"(read x; {inner} run -q -- cat) < lines")
    assert done.stdout == "two\n", done.stderr


def test_a_file_without_a_name(sandbox: Sandbox) -> None:
    """As shells make them for here-documents."""
    file = sandbox.write("here", "one\n")
    with file.open() as descriptor:
        file.unlink()
        assert sandbox.run("cat", stdin=descriptor).stdout == "one\n"


def test_a_file_that_has_another_name_by_now(sandbox: Sandbox) -> None:
    file = sandbox.write("~/.bashrc", "one\n")
    with file.open() as descriptor:
        os.link(file, sandbox.home / "other")
        file.unlink()
        done = sandbox.shell("echo evil >> /proc/self/fd/0", stdin=descriptor)
    assert done.returncode == 1
    assert "the standard input is a file that could be opened anew" in done.stderr
    assert (sandbox.home / "other").read_text() == "one\n"


def test_a_directory(sandbox: Sandbox) -> None:
    """One of the host's, in which nothing is hidden."""
    file = sandbox.write(".env")
    root = os.open("/", os.O_RDONLY)
    try:
        done = sandbox.shell(f"cat /proc/self/fd/0{file}", stdin=root)
    finally:
        os.close(root)
    assert done.returncode != 0
    assert SECRET not in done.stdout


@pytest.mark.skipif(os.getuid() != 0, reason="only root opens what is somebody else's")
@pytest.mark.only("user")
def test_a_file_of_somebody_else(sandbox: Sandbox) -> None:
    """Which this user could not open: so it cannot be opened anew either."""
    words = [*sandbox.prefix, "run", "-q", "--", "sh", "-c", "head -c 4; echo evil >> /proc/self/fd/0"]
    with open("/etc/shadow", "rb") as descriptor:
        done = subprocess.run(
            words, cwd=sandbox.project, env=sandbox.environment, stdin=descriptor, capture_output=True,
            check=False, **sandbox.identity(),
        )  # fmt: skip
    with open("/etc/shadow", "rb") as file:
        assert done.stdout == file.read(4)
    assert b"Permission denied" in done.stderr
