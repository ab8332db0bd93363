"""After an ordinary end nothing of aigate is left in the network where it ran."""

import os
import time

from netlab import PATIENCE
from netprocesses import name_of


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
