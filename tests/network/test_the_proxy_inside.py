"""The proxy that programs inside are told of lets through what is allowed, and leads nowhere else."""

import pytest
from netlab import ALLOWED, DENIED

PROXY = "127.0.0.1:61080"


@pytest.fixture(params=["gateway"])
def mode(request):
    return request.param


def test_a_second_request_on_a_connection_to_the_proxy_goes_nowhere(sandbox, lab):
    """It may be meant for another host than the one that the connection leads to by now."""
    script = """
import socket
c = socket.create_connection(('127.0.0.1', 61080), timeout=5)
c.sendall(b'POST http://allowed.test/upload HTTP/1.1\\r\\nContent-Length: 4\\r\\n\\r\\nbody'
          b'GET http://other.test/second-request HTTP/1.1\\r\\n\\r\\n')
print(c.recv(1000).split(b'\\r\\n\\r\\n')[1].decode())
"""
    assert sandbox.python(["allowed.test", "other.test"], script).out == "4\n"
    assert "second-request" not in lab.seen_file.read_text()


@pytest.mark.parametrize(("path", "answer"), [("/switch", "HTTP/1.1 101 LINE"), ("/", "HTTP/1.1 200 hello GET /")])
def test_a_request_to_the_proxy_may_switch_to_another_protocol(sandbox, path, answer):
    """As a WebSocket without a tunnel; where the server does not switch, what comes behind goes nowhere."""
    script = f"""
import socket
c = socket.create_connection(('127.0.0.1', 61080), timeout=5)
c.sendall(b'GET http://allowed.test{path} HTTP/1.1\\r\\nHost: allowed.test\\r\\n'
          b'Connection: upgrade\\r\\nUpgrade: lines\\r\\n\\r\\n')
status, data = c.recv(12), c.recv(1)
while not data.endswith(b'\\r\\n\\r\\n'):
    data += c.recv(1)
try:
    c.sendall(b'line\\n')
except OSError:
    pass
print(status.decode(), c.makefile().readline())
"""
    assert sandbox.python(["allowed.test"], script).out.strip() == answer


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://allowed.test/", "200"),
        (f"http://{ALLOWED}/", "403"),
        ("http://denied.test/", "403"),
        (f"http://{DENIED}/", "403"),
        ("http://allowed.test:9/", "502"),
        ("http://allowed.test@denied.test/", "400"),
        ("https://allowed.test/", "200"),
        ("https://denied.test/", "000"),
    ],
)
def test_the_proxy_lets_allowed_hosts_through(sandbox, url, status):
    curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", "ca.pem", "-x", f"http://{PROXY}"]
    request = ["--request-target", url, "http://allowed.test/"] if "@" in url else [url]
    outcome = sandbox.run(["allowed.test"], ["sh", "-c", '"$@"; true', "-", *curl, *request])
    assert outcome.out == status, outcome.err


def test_programs_are_told_of_the_proxy(sandbox):
    outcome = sandbox.run(["allowed.test"], ["env"])
    variables = dict(line.split("=", 1) for line in outcome.out.splitlines() if "=" in line)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        assert variables[name] == variables[name.lower()] == f"http://{PROXY}"
    assert variables["NODE_USE_ENV_PROXY"] == "1"
    assert variables["NO_PROXY"] == variables["no_proxy"] == "localhost,127.0.0.1,::1"


def test_the_relay_does_not_lead_to_the_hosts_loopback(sandbox, lab):
    """Neither by the relay's own port, nor by the proxy, even if loopback is in allow_net."""
    script = "import socket; s = socket.create_server(('127.0.0.1', 7008)); c, _ = s.accept(); c.send(b'host')"
    listener = lab.start(lab.host, ["/usr/bin/python3", "-c", script])
    try:
        request = """
import socket
for port in (61001, 61080):
    c = socket.create_connection(('127.0.0.1', port), timeout=5)
    try:
        c.sendall(b'CONNECT 127.0.0.1:7008 HTTP/1.1\\r\\n\\r\\n')
        data = c.recv(200)
        print(data.split(b'\\r\\n')[0].decode())
    except OSError as error:
        print('cut')
"""
        outcome = sandbox.python(["0.0.0.0/0"], request)
        assert "host" not in outcome.out.split()
        assert "200" not in outcome.out
    finally:
        listener.kill()
