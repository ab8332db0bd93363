"""The host's sockets do not answer, abstract or in odd places, unless the config names them."""

from __future__ import annotations

import os
import socket

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize(
    ("config", "error"),
    [("allow_net: []\n", "Connection refused"), ("deny_read: [.env]\n", "Operation not permitted")],
    ids=["own network", "the host's network"],
)
def test_an_abstract_socket_of_the_host(sandbox: Sandbox, config: str, error: str) -> None:
    sandbox.config(config)
    name = f"\0aigate-test-{os.getpid()}"
    program = f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        assert sandbox.outside("python3", "-c", program).returncode == 0
        done = sandbox.run("python3", "-c", program, options=())
    assert error in done.stderr or "not active: landlock: the host's abstract sockets" in done.stderr


@pytest.mark.parametrize("exposed", [False, True])
def test_a_socket_of_the_host_in_an_odd_place(sandbox: Sandbox, exposed: bool) -> None:
    path = sandbox.home / "service" / "socket"
    path.parent.mkdir()
    os.chown(path.parent, sandbox.uid, sandbox.gid)
    if exposed:
        sandbox.config(f"allow_sockets: [{path}]\n")
    program = f"import socket; socket.socket(socket.AF_UNIX).connect({str(path)!r})"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        path.chmod(0o777)
        server.listen()
        assert sandbox.outside("python3", "-c", program).returncode == 0
        done = sandbox.run("python3", "-c", program)
    assert (done.returncode == 0) == exposed, done.stderr
