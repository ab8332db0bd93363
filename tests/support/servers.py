"""Servers outside that listen on a socket of the project's, bound in one of the ways that hide where it lies."""

from __future__ import annotations

import contextlib
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator

from sandbox import Sandbox

SERVER = """
import os, socket, sys
server = socket.socket(socket.AF_UNIX)
{bind}
server.listen()
print("up", flush=True)
sys.stdin.read()
"""
# The name that it has in the end, and how it gets it.
WAYS = {
    "plainly": ("s", "server.bind('s')"),
    "renamed": ("s", "server.bind('first'); os.rename('first', 's')"),
    "linked into place": ("s", "server.bind('first'); os.link('first', 's'); os.remove('first')"),
    "by a descriptor": ("s", "server.bind(f\"/proc/self/fd/{os.open('.', os.O_RDONLY)}/s\")"),
    "with a line end": ("a\nb", "server.bind('a\\nb')"),
    "from another network": ("s", "server.bind('s')"),
}


@contextlib.contextmanager
def servers(sandbox: Sandbox) -> Iterator[Callable[..., None]]:
    """Give what starts a server as the sandbox's user, in the project or in `cwd`; they end with the block."""
    started: list[subprocess.Popen[str]] = []

    def start(bind: str, *before: str, cwd: pathlib.Path = sandbox.project) -> None:
        command = [*before, sys.executable, "-c", SERVER.format(bind=bind)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        server = subprocess.Popen(command, cwd=cwd, **pipes, **sandbox.identity())
        started.append(server)
        assert server.stdout.readline() == "up\n"

    try:
        yield start
    finally:
        for server in started:
            server.communicate()
