"""Answers have their time: an address is open for as long as its name leads there, and connections outlive it."""

import subprocess
import tempfile
from pathlib import Path

import pytest
from netlab import MOVING, Lab
from netsandbox import Sandbox

HOLD = """
import socket, subprocess, sys, time
c = socket.create_connection(('moving.test', 7), timeout=5)
address = c.getpeername()[0]
def echo(text):
    c.sendall(text.encode())
    return c.recv(100).decode()
print(echo('one'), address, flush=True)
input()
print(socket.create_connection(('moving.test', 7), timeout=5).getpeername()[0], flush=True)
time.sleep(31.5)
print(echo('two'), flush=True)
try:
    socket.create_connection((address, 7), timeout=3).close()
    print('still open', flush=True)
except OSError:
    print('closed', flush=True)
print(socket.create_connection(('moving.test', 7), timeout=5).getpeername()[0], flush=True)
"""


@pytest.fixture(scope="session")
def held():
    """Let time pass in sandboxes in a lab of their own, while other tests run: see `pytest_collection_modifyitems`."""
    with tempfile.TemporaryDirectory(prefix="aigate-lab-", dir="/opt") as directory:
        lab = Lab(Path(directory))
        lab.move("192.175.48.30")
        runs = {}
        for user in ("root", "user"):
            for mode in ("slirp", "gateway"):
                run = Sandbox(lab, user, mode).start([MOVING], ["/usr/bin/python3", "-c", HOLD], stdin=subprocess.PIPE)
                runs[user, mode] = run, run.stdout.readline().decode().split()
        lab.move("192.175.48.31")
        for run, _ in runs.values():
            run.stdin.write(b"\n")
            run.stdin.flush()
        yield runs
        lab.close()


def test_a_host_moves(held):
    """The connections are there, and the name leads elsewhere by now."""
    for one, _ in (said for _, said in held.values()):
        assert one == "one"


def test_addresses_close_when_their_time_is_over_and_connections_stay(held):
    """A host moves in mid-run. Its old address closes after 30 seconds, the old connection lives on."""
    for (_, mode), (run, (one, address)) in held.items():
        out, err = run.communicate(timeout=240)
        second, two, old, third = out.decode().splitlines()
        assert (one, two, old) == ("one", "two", "closed"), err
        if mode == "slirp":
            assert (address, second, third) == ("192.175.48.30", "192.175.48.31", "192.175.48.31")
        else:
            assert address == second == third
