"""When something of the network dies, the network stops; when aigate dies, everything of it does."""

import json
import os
import signal
import subprocess
import time

import pytest
from netlab import DENIED, PATIENCE
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


def children(process):
    """Return every process below another one, as (process id, name)."""
    found, todo = [], [process]
    while todo:
        parent = todo.pop()
        done = subprocess.run(["ps", "-o", "pid=,comm=", f"--ppid={parent}"], capture_output=True, text=True)
        rows = [line.split(None, 1) for line in done.stdout.splitlines()]
        found += [(int(number), name) for number, name in rows]
        todo += [int(number) for number, _ in rows]
    return found


def warden_of(run):
    """Return the process ids of the network's guard, the child of aigate that holds the network, and of slirp."""
    below = children(run.pid)
    slirp = [number for number, name in below if name == "slirp4netns"]
    wardens = [number for number in direct(run.pid) if holds_a_network(number)]
    assert wardens, below
    return wardens[0], slirp


def holds_a_network(process):
    directory = f"/proc/{process}/fd"
    return any(os.readlink(f"{directory}/{number}").startswith("net:[") for number in os.listdir(directory))


def direct(parent):
    done = subprocess.run(["ps", "-o", "pid=", f"--ppid={parent}"], capture_output=True, text=True)
    return [int(number) for number in done.stdout.split()]


def lines(process):
    return iter(lambda: process.stdout.readline().decode().strip(), None)


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


def test_kill_9_leaves_nothing(sandbox, mode):
    run = sandbox.start(["allowed.test"], ["sh", "-c", "echo up; exec sleep 300"])
    assert next(lines(run)) == "up"
    below = [number for number, _ in children(run.pid)]
    assert len(below) >= (4 if mode == "slirp" else 3)
    run.kill()
    run.communicate(timeout=240)
    until = time.monotonic() + PATIENCE
    while alive := [number for number in below if is_alive(number)]:
        assert time.monotonic() < until, [(name_of(number), number) for number in alive]
        time.sleep(0.01)


def test_kill_9_leaves_nothing_of_what_carries_ports(sandbox, lab):
    """The helper that makes sockets in the sandbox's network is there from the first connection on."""
    script = (
        "import socket; s = socket.create_server(('127.0.0.1', 3000)); print('up', flush=True)\nwhile s.accept(): pass"
    )
    run = sandbox.start(["localhost:11434"], ["/usr/bin/python3", "-c", script], config="ports: [3000]\n")
    assert next(lines(run)) == "up"
    before = {number for number, _ in children(run.pid)}
    ask = "import socket; socket.create_connection(('127.0.0.1', 3000), timeout=60).recv(1)"
    lab.enter(lab.host, ["/usr/bin/python3", "-c", ask], capture_output=True)
    below = [number for number, _ in children(run.pid)]
    assert set(below) - before, "no helper was started"
    run.kill()
    run.communicate(timeout=240)
    until = time.monotonic() + PATIENCE
    while alive := [number for number in below if is_alive(number)]:
        assert time.monotonic() < until, [(name_of(number), number) for number in alive]
        time.sleep(0.01)


def kill(process):
    """End a process, and wait until it is gone."""
    os.kill(process, signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while is_alive(process):
        assert time.monotonic() < until
        time.sleep(0.005)


def is_alive(process):
    """Tell whether a process exists and is not a zombie."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_nothing_is_left_after_an_ordinary_end(sandbox, lab):
    """Everything of aigate's but the command itself shares the lab host's network namespace.

    slirp4netns has been killed, but the kernel takes its device apart before it is gone.
    """
    outcome = sandbox.run(["allowed.test"], ["true"])
    assert outcome.status == 0, outcome.err
    until = time.monotonic() + PATIENCE
    while (left := [name_of(process) for process in in_network(lab.host)]) != ["sleep"]:
        assert set(left) <= {"sleep", "slirp4netns"}, left
        assert time.monotonic() < until, left
        time.sleep(0.005)


def in_network(holder):
    """Return the processes in a process's network namespace."""
    wanted = os.readlink(f"/proc/{holder}/ns/net")
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and network_of(name) == wanted]


def network_of(process):
    try:
        return os.readlink(f"/proc/{process}/ns/net")
    except OSError:
        return None


def name_of(process):
    try:
        with open(f"/proc/{process}/comm") as file:
            return file.read().strip()
    except OSError:
        return ""
