"""What is moved away piece by piece: onto another file system, too, with everything that an agent can put into it."""

from __future__ import annotations

import os
import pathlib
import socket
import tempfile

import pytest

from aigate.watch.carrying import carry


@pytest.fixture(params=["here", "elsewhere"])
def places(request: pytest.FixtureRequest, tmp_path: pathlib.Path):
    """Give a directory and another one, on the same file system or on one in memory, with descriptors of both."""
    source = tmp_path / "from"
    source.mkdir()
    with tempfile.TemporaryDirectory(dir=tmp_path if request.param == "here" else "/dev/shm") as name:
        opened = [os.open(place, os.O_PATH) for place in (source, name)]
        yield source, pathlib.Path(name), *opened
        for each in opened:
            os.close(each)


def test_everything_that_may_be_in_a_directory(places) -> None:
    source, target, opened, there = places
    top = source / "it"
    (top / "closed/inner").mkdir(parents=True)
    (top / "closed/inner/file").write_text("text")
    (top / "closed/inner/file").chmod(0o751)
    (top / "link").symlink_to("/etc/passwd")
    os.mkfifo(top / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(top / "socket"))
        (top / "closed").chmod(0)
        carry("it", opened, there)
    assert not top.exists()
    assert (target / "it/closed").stat().st_mode & 0o777 == 0
    (target / "it/closed").chmod(0o700)
    assert (target / "it/closed/inner/file").read_text() == "text"
    assert (target / "it/closed/inner/file").stat().st_mode & 0o777 == 0o751
    assert os.readlink(target / "it/link") == "/etc/passwd"


def test_whoever_is_in_it_stays_outside(places) -> None:
    source, _, opened, there = places
    (source / "it").mkdir()
    inside = os.open(source / "it", os.O_RDONLY)
    carry("it", opened, there)
    assert os.fstat(inside).st_nlink == 0
    os.close(inside)
