"""A socket that can be seen is out of reach however it was bound, unless the config names it."""

from __future__ import annotations

import os
import pathlib
import socket
import tempfile
from collections.abc import Iterator

import pytest
from sandbox import Sandbox
from servers import SERVER, servers
from servers import WAYS as COMMON

BACKENDS = ("bwrap", "unshare")
LONG = "d" * 150
WAYS = {
    **COMMON,
    "far below": (f"{LONG}/s", f"os.mkdir('{LONG}'); os.chdir('{LONG}'); server.bind('s')"),
    "by its whole path": ("s", "server.bind(os.path.realpath('s'))"),
}
CONNECT = """
import os, socket, sys
place, name = os.path.split(sys.argv[1])
os.chdir(place)
try:
    socket.socket(socket.AF_UNIX).connect(name)
    print("reached")
except OSError as error:
    print(type(error).__name__)
"""


@pytest.fixture
def serve(sandbox: Sandbox) -> Iterator[object]:
    """Start servers as the sandbox's user, in the project; they end with the test."""
    with servers(sandbox) as start:
        yield start


@pytest.mark.parametrize("way", WAYS)
def test_a_socket_of_the_host(sandbox: Sandbox, serve, way: str) -> None:
    name, bind = WAYS[way]
    serve(bind, *(("unshare", "-Urn") if way == "from another network" else ()))
    path = str(sandbox.project / name)
    assert sandbox.outside("python3", "-c", CONNECT, path).stdout == "reached\n"
    assert sandbox.run("python3", "-c", CONNECT, path).stdout == "PermissionError\n"


def test_a_socket_of_ones_own(sandbox: Sandbox) -> None:
    """What was left of it by an earlier run can be taken away, and the next one be bound in its place."""
    program = f"{SERVER.format(bind='server.bind(chr(115))')}\n" + CONNECT.replace(
        "sys.argv[1]", "os.path.realpath('s')"
    )
    for _ in range(2):
        done = sandbox.run("python3", "-c", f"import os\nif os.path.exists('s'): os.remove('s')\n{program}")
        assert done.stdout == "up\nreached\n", done.stderr


@pytest.mark.parametrize("place", ["/dev/shm", "/var/tmp", "/tmp", "/dev"])
@pytest.mark.only("root")
def test_a_socket_where_something_else_stands_inside(sandbox: Sandbox, place: str) -> None:
    path = f"{place}/aigate-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        try:
            done = sandbox.run("sh", "-c", f"test -e {path} || echo gone")
            listed = sandbox.run("true", options=("--dry-run",)).stdout
        finally:
            os.remove(path)
    assert (done.stdout, done.stderr) == ("gone\n", "")
    assert path not in listed  # it is not among what is hidden: it would not be there anyway


@pytest.mark.only("root")
def test_a_socket_that_nobody_inside_could_reach(sandbox: Sandbox) -> None:
    """In another user's closed directory: it ends nobody's run."""
    place = pathlib.Path(f"/home/aigate-test-closed-{os.getpid()}")
    place.mkdir(mode=0o700)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(place / "s"))
            server.listen()
            os.chown(place, 4711, 4711)
            done = sandbox.run("python3", "-c", CONNECT, str(place / "s"))
        assert "PermissionError" in done.stderr
        assert "aigate" not in done.stderr.replace(str(place), "")
    finally:
        (place / "s").unlink()
        place.rmdir()


def test_a_socket_that_the_config_names(sandbox: Sandbox, serve) -> None:
    serve("server.bind('s')")
    sandbox.config(f"allow_sockets: [{sandbox.project}/s]\n")
    assert sandbox.run("python3", "-c", CONNECT, str(sandbox.project / "s")).stdout == "reached\n"


@pytest.mark.parametrize("bait", ["ln -s /run s", "ln -s NAME s", "mkdir s"])
def test_a_link_in_the_place_of_one_that_the_config_names(sandbox: Sandbox, bait: str) -> None:
    """Made by one run, it would open what it likes to the next."""
    sandbox.config(f"allow_sockets: [{sandbox.project}/s]\n")
    name = f"{'/run' if os.access('/run', os.W_OK) else tempfile.gettempdir()}/aigate-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        try:
            sandbox.shell(bait.replace("NAME", name))
            done = sandbox.run("ls", "/run")
        finally:
            os.remove(name)
    assert (done.returncode, done.stdout) == (1, "")
    assert "config.yaml:1: allow_sockets: " in done.stderr
    assert "leads through the link" in done.stderr or "is a directory" in done.stderr
