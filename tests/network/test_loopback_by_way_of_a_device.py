"""A socket bound to the way out does not reach the host's loopback: not by address, and not by a name for it."""

import pytest
from netservices import LOOPBACK_SERVICE

SCRIPT = """
import socket
def name(host):
    query = b'\\x12\\x34\\x01\\0\\0\\x01' + bytes(6) + bytes((len(host),)) + host + b'\\0\\0\\1\\0\\1'
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(5)
        asking.sendto(query, ('127.0.0.1', 53))
        return asking.recv(500)[7]
print('answers', name(b'thishost'))
for address in ('127.0.0.1', '127.0.1.1', '::1', '::ffff:127.0.0.1'):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(family, kind) as s:
            s.settimeout(0.5)
            try:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'tap0')
                s.connect((address, 7007))
                s.send(b'ping')
                print('reached', address, s.recv(100))
            except OSError:
                pass
"""


@pytest.mark.parametrize("mode", ["slirp"])
@pytest.mark.parametrize("allow", [["0.0.0.0/0", "::/0", "thishost"], ["thishost"]])
def test_the_hosts_loopback_is_not_reached(sandbox, lab, allow):
    listener = lab.start(lab.host, ["/usr/bin/python3", "-c", LOOPBACK_SERVICE])
    try:
        outcome = sandbox.run(allow, ["/usr/bin/python3", "-c", SCRIPT])
    finally:
        listener.kill()
    assert outcome.out == "answers 0\n", outcome.err
    assert {event["subject"] for event in outcome.events} & {"127.0.0.1", "127.0.1.1"}
