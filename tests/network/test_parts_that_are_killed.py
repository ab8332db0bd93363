"""When something of the network dies, the network stops; nothing opens."""

import json
import subprocess

import pytest
from netlab import DENIED
from netprocesses import kill, lines, warden_of
from netsandbox import PYTHON

ECHO = """
import socket, sys, time
c = socket.create_connection(('allowed.test', 7), timeout=5)
print('open', flush=True)
for line in sys.stdin:
    try:
        c.settimeout(1)
        c.sendall(line.encode())
        print('got', c.recv(100).decode().strip(), flush=True)
    except OSError as error:
        print('lost', error, flush=True)
"""
VISITS = [json.dumps(["tcp", DENIED, 7, 1]), json.dumps(["tcp", "allowed.test", 7, 1])]


@pytest.fixture
def talking(sandbox):
    """A command that echoes over a connection to an allowed host, line by line."""
    run = sandbox.start(["allowed.test"], ["/usr/bin/python3", "-c", ECHO], stdin=subprocess.PIPE)
    assert next(lines(run)) == "open"
    yield run
    run.kill()
    run.communicate(timeout=240)


def say(run, text):
    run.stdin.write(f"{text}\n".encode())
    run.stdin.flush()
    return next(lines(run))


def test_the_way_out_killed_in_mid_run_stops_the_network(talking, mode):
    warden, slirp = warden_of(talking)
    assert say(talking, "one") == "got one"
    kill(slirp[0] if mode == "slirp" else warden)
    for text in ("two", "three"):
        assert text not in say(talking, text)


@pytest.mark.parametrize("victim", ["guard", "way out"])
def test_nothing_opens_when_a_part_is_killed(sandbox, mode, victim):
    script = f"echo up; read line; {' '.join(PYTHON)} '{VISITS[0]}' '{VISITS[1]}'"
    run = sandbox.start(["allowed.test"], ["sh", "-c", script], stdin=subprocess.PIPE)
    assert next(lines(run)) == "up"
    warden, slirp = warden_of(run)
    kill(slirp[0] if victim == "way out" and mode == "slirp" else warden)
    out, err = run.communicate(b"go\n", timeout=240)
    visits = [json.loads(line) for line in out.decode().splitlines()]
    assert [visit["ok"] for visit in visits] == [False, False], out
    if victim == "guard":
        assert b"its guard ended early" in err
