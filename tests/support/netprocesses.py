"""The processes of a run with a network: who they are, and their end."""

import os
import signal
import subprocess
import time

from netlab import PATIENCE


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


def name_of(process):
    try:
        with open(f"/proc/{process}/comm") as file:
            return file.read().strip()
    except OSError:
        return ""


def all_end(processes):
    """Wait until none of them is alive any more."""
    until = time.monotonic() + PATIENCE
    while alive := [number for number in processes if is_alive(number)]:
        assert time.monotonic() < until, [(name_of(number), number) for number in alive]
        time.sleep(0.01)


def lines(process):
    """Return what a process says, line by line."""
    return iter(lambda: process.stdout.readline().decode().strip(), None)
