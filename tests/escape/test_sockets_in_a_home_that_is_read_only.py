"""However a socket of a home that is read-only was bound, by a relative path, renamed since: nobody answers."""

from __future__ import annotations

import subprocess

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
SERVE = """
import os, socket
os.chdir(os.path.expanduser("~/service"))
server = socket.socket(socket.AF_UNIX)
server.bind("first")
server.listen()
os.rename("first", "second")
print("ready", flush=True)
while True:
    server.accept()
"""
CONNECT = "import os, socket; socket.socket(socket.AF_UNIX).connect(os.path.expanduser('~/service/second'))"


@pytest.mark.everywhere
def test_a_socket_that_nobody_finds_by_its_path(sandbox: Sandbox) -> None:
    sandbox.write("~/service/file", "text")
    sandbox.write("~/.cache/mine", "text")
    sandbox.config(sandbox.path("~/.aigate/config.yaml").read_text().replace("home: layer", "home: readonly"))
    server = subprocess.Popen(
        ["python3", "-c", SERVE],
        env=sandbox.environment,
        stdout=subprocess.PIPE,
        text=True,
        **sandbox.identity(),
    )
    with server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            assert sandbox.outside("python3", "-c", CONNECT).returncode == 0
            done = sandbox.run("python3", "-c", CONNECT)
            rest = sandbox.shell("cd; cat service/file; echo x >> service/file; mkdir new; touch .cache/x && echo made")
        finally:
            server.kill()
    assert "Connection refused" in done.stderr
    assert rest.stdout == "textmade\n"
    assert rest.stderr.count("Read-only file system") == len(("service/file", "new")), rest.stderr
    assert sandbox.path("~/service/file").read_text() == "text"
