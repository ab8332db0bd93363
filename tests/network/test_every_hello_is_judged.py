"""A server that asks for a second ClientHello gets it, since it names the same host; see the unit tests for others."""

import pytest

SCRIPT = """
import socket, ssl
context = ssl.create_default_context(cafile='ca.pem')
plain = socket.create_connection(('allowed.test', 8444), timeout=10)
with context.wrap_socket(plain, server_hostname='allowed.test') as c:
    c.sendall(b'GET /retried HTTP/1.0\\r\\n\\r\\n')
    print(c.version(), c.recv(100).split(b'\\r\\n')[0].decode())
"""


@pytest.mark.parametrize("mode", ["gateway"])
def test_a_handshake_with_a_retry_works(sandbox):
    outcome = sandbox.run(["allowed.test"], ["/usr/bin/python3", "-c", SCRIPT])
    assert outcome.out == "TLSv1.3 HTTP/1.1 200 OK\n", outcome.err
