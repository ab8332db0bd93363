"""Plain HTTP that names another host than the one that was resolved is cut, on a connection's second request too."""

import pytest

CURL = ["curl", "-sS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code} "]


@pytest.fixture
def mode():
    return "gateway"


def seen(lab, mark):
    return mark in lab.seen_file.read_text()


def test_the_right_host_is_served_again_and_again(sandbox):
    outcome = sandbox.run(
        ["allowed.test"], [*CURL, "http://allowed.test/a", "-o", "/dev/null", "http://allowed.test/b"]
    )
    assert outcome.out == "200 200 ", outcome.err


@pytest.mark.parametrize("field", ["Host: other.test", "Host: other.test:80", "host:other.test"])
def test_another_host_is_cut_and_told(sandbox, lab, field):
    outcome = sandbox.run(["allowed.test", "other.test"], [*CURL, "-H", field, "http://allowed.test/fronted"])
    assert outcome.out == "000 "
    assert not seen(lab, "/fronted")
    assert outcome.events[-1]["reason"] == "HTTP with server name other.test"


def test_a_second_request_for_another_host_is_cut(sandbox):
    """Seen at a server that sends back whatever reaches it."""
    script = """
import socket
c = socket.create_connection(('allowed.test', 7), timeout=10)
c.sendall(b'POST /first HTTP/1.1\\r\\nHost: allowed.test\\r\\nContent-Length: 4\\r\\n\\r\\nbody')
data = b''
while not data.endswith(b'body'):
    data += c.recv(1000)
c.sendall(b'GET /second HTTP/1.1\\r\\nHost: denied.test\\r\\n\\r\\n')
try:
    while part := c.recv(1000):
        data += part
except OSError:
    print('cut', b'first' in data, b'second' in data)
"""
    outcome = sandbox.run(["allowed.test"], ["/usr/bin/python3", "-c", script])
    assert outcome.out == "cut True False\n", outcome.err


def test_http2_in_clear_for_another_host_is_cut(sandbox):
    outcome = sandbox.run(
        ["allowed.test"], [*CURL, "--http2-prior-knowledge", "-H", "Host: denied.test", "http://allowed.test/"]
    )
    assert outcome.out == "000 "
    assert outcome.events[-1]["reason"] == "HTTP with server name denied.test"


def test_a_name_that_a_search_domain_made_longer_is_the_same_host(sandbox):
    outcome = sandbox.run(["wiki"], [*CURL, "http://wiki/"])
    assert outcome.out == "200 ", outcome.err
