"""Where the user's own directories are seen without a layer, a socket is out of reach however it was bound."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from meanwhile import meanwhile
from sandbox import Sandbox
from servers import WAYS, servers

BACKENDS = ("bwrap", "unshare")
CONNECT = """
import os, socket, sys
os.chdir(os.path.expanduser("~/tool/run"))
try:
    socket.socket(socket.AF_UNIX).connect(sys.argv[1])
    print("reached")
except OSError as error:
    print(type(error).__name__)
"""
OWN = """
import os, socket
os.chdir(os.path.expanduser("~/tool/run"))
server = socket.socket(socket.AF_UNIX)
server.bind("own")
server.listen()
socket.socket(socket.AF_UNIX).connect("own")
print("reached")
"""
VIEWS = {"writable": "home: writable\n", "shared": "share: [~/tool/]\n"}


@pytest.fixture
def serve(sandbox: Sandbox) -> Iterator[object]:
    """Start servers as the sandbox's user, in ~/tool/run; they end with the test."""
    sandbox.write("~/tool/run/file", "text")
    with servers(sandbox) as start:
        yield lambda bind, *before: start(bind, *before, cwd=sandbox.path("~/tool/run"))


@pytest.mark.spread("way")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("view", VIEWS)
def test_one_that_was_there(sandbox: Sandbox, serve, view: str, way: str) -> None:
    name, bind = WAYS[way]
    sandbox.config(VIEWS[view])
    serve(bind, *(("unshare", "-Urn") if way == "from another network" else ()))
    assert sandbox.outside("python3", "-c", CONNECT, name).stdout == "reached\n"
    assert sandbox.run("python3", "-c", CONNECT, name).stdout == "PermissionError\n"


@pytest.mark.parametrize("view", VIEWS)
def test_one_that_appears_during_a_run(sandbox: Sandbox, serve, view: str) -> None:
    sandbox.config(VIEWS[view])
    (sandbox.project / "connect.py").write_text(CONNECT)
    told = meanwhile(
        sandbox,
        lambda _: serve("server.bind('first'); os.rename('first', 's')"),
        "python3 connect.py s",
        until=(("socket", "~/tool/run/s"),),
    )
    assert told.stdout == "PermissionError\n", told.stderr
    assert "was not bound inside, and was covered" in told.stderr


@pytest.mark.parametrize("view", VIEWS)
def test_ones_own(sandbox: Sandbox, view: str) -> None:
    sandbox.write("~/tool/run/file", "text")
    sandbox.config(VIEWS[view])
    assert sandbox.run("python3", "-c", OWN).stdout == "reached\n"
