"""A socket that appears while a run lasts is out of reach, however it was bound; the sandbox's own stay as they are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from meanwhile import meanwhile
from sandbox import Sandbox
from servers import WAYS, servers

BACKENDS = ("bwrap", "unshare")
SERVER = "import os, socket, sys; server = socket.socket(socket.AF_UNIX); {bind}; server.listen(); print(1, flush=True)"
CONNECT = """python3 -c '
import os, socket
try:
    socket.socket(socket.AF_UNIX).connect("s" if os.path.lexists("s") else "a\\nb")
    print("reached")
except OSError as error:
    print(type(error).__name__)
'"""


@pytest.fixture
def serve(sandbox: Sandbox) -> Iterator[object]:
    """Start servers as the sandbox's user, in the project; they end with the test."""
    with servers(sandbox) as start:
        yield start


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("network", ["allow_net: []\n", "late: tell\n"])
def test_one_of_the_host(sandbox: Sandbox, serve, way: str, network: str) -> None:
    name, bind = WAYS[way]
    sandbox.config(network)
    before = ("unshare", "-Urn") if way == "from another network" else ()
    told = meanwhile(sandbox, lambda _: serve(bind, *before), CONNECT, until=(("socket", name),))
    assert told.stdout == "PermissionError\n", told.stderr
    assert "was not bound inside, and was covered" in told.stderr


@pytest.mark.parametrize(
    ("bind", "place"),
    [
        ("os.makedirs('n/e/w'); os.chdir('n/e/w'); server.bind('s')", "n/e/w"),
        ("os.mkdir('first'); server.bind('first/s'); os.rename('first', 'last')", "last"),
    ],
)
def test_one_in_a_new_directory(sandbox: Sandbox, serve, bind: str, place: str) -> None:
    sandbox.config("allow_net: []\n")
    until = (("socket", f"{place}/s"),)
    told = meanwhile(sandbox, lambda _: serve(bind), f"cd {place}; {CONNECT}", until=until)
    assert told.stdout == "PermissionError\n", told.stderr


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("network", ["allow_net: []\n", "late: tell\n"])
def test_ones_own(sandbox: Sandbox, way: str, network: str) -> None:
    """The last thing made is a socket of somebody else's: by the time it is covered, the others have been judged."""
    _, bind = WAYS[way]
    sandbox.config(network)
    before = "unshare -Urn " if way == "from another network" and sandbox.uid else ""
    program = f"{SERVER.format(bind=bind)}; sys.stdin.read()".replace("\\", "\\\\").replace('"', '\\"')
    start = f'(exec 3<>hold; exec {before}python3 -c "{program}" <&3 >up) &'
    own = f"mkfifo hold; {start} until [ -s up ]; do sleep 0.02; done"
    stranger = "import socket; server = socket.socket(socket.AF_UNIX); server.bind('stranger'); input()"

    def appear(_: object) -> None:
        pipes = {"stdin": subprocess.PIPE, "cwd": sandbox.project}
        running.append(subprocess.Popen([sys.executable, "-c", stranger], **pipes, **sandbox.identity()))

    running: list[subprocess.Popen[bytes]] = []
    told = meanwhile(sandbox, appear, CONNECT, before=own, until=(("socket", "stranger"),))
    for each in running:
        each.communicate(b"\n")
    assert told.stdout == "reached\n", told.stderr
    assert [path for kind, path in told.events if kind == "socket"] == [str(sandbox.path("stranger"))]


def test_one_that_nobody_is_bound_to(sandbox: Sandbox) -> None:
    """What a server has left behind can be taken away: it is never anybody's again."""
    left = "import os, socket; socket.socket(socket.AF_UNIX).bind('s'); os.rename('s', 't')"
    told = meanwhile(sandbox, lambda _: None, "rm t && echo gone", before=f'python3 -c "{left}"')
    assert told.stdout == "gone\n", told.stderr
