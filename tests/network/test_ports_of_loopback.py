"""`allow_net: [localhost:PORT]` brings one port of the host's loopback inside; `ports: [PORT]` one of the sandbox's
outside; and no other one is reached, in either direction, whichever way the network goes."""

import contextlib
import subprocess
import textwrap

import pytest
from netsandbox import Sandbox

SERVER = textwrap.dedent("""
    import socket, sys
    family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
    listener = socket.create_server((sys.argv[1], int(sys.argv[2])), family=family)
    print('up', flush=True)
    while True:
        connection, _ = listener.accept()
        connection.sendall(sys.argv[3].encode() + connection.recv(100))
        connection.close()
""")


@contextlib.contextmanager
def host_server(lab, address, port):
    command = ["/usr/bin/python3", "-c", SERVER, address, str(port), "host:"]
    server = lab.start(lab.host, command, stdout=subprocess.PIPE)
    try:
        assert server.stdout.readline() == b"up\n"
        yield
    finally:
        server.kill()
        server.communicate()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_one_port_of_the_hosts_loopback_is_reached_inside(sandbox, lab, address):
    with host_server(lab, address, 11434), host_server(lab, address, 11435):
        outcome = sandbox.visit(
            ["localhost:11434"],
            ["tcp", "localhost", 11434],
            ["tcp", "127.0.0.1", 11434],
            ["tcp", "::1", 11434],
            ["tcp", address, 11435],
        )
    assert [visit["ok"] for visit in outcome.visits] == [True, True, True, False]
    assert {visit["result"] for visit in outcome.visits[:3]} == {"host:ping"}


INSIDE = """
import socket, sys
for port in (3000, 3001):
    listener = socket.create_server(('127.0.0.1', port))
    if port == 3000:
        first = listener
print('up', flush=True)
connection, _ = first.accept()
connection.sendall(b'inside:' + connection.recv(100))
connection.close()
sys.stdin.read(1)
"""


@pytest.mark.parametrize("allow", [["allowed.test"], []])
def test_one_port_of_the_sandbox_is_reached_on_the_hosts_loopback(sandbox, lab, allow):
    run = sandbox.start(allow, ["/usr/bin/python3", "-c", INSIDE], config="ports: [3000]\n", stdin=subprocess.PIPE)
    try:
        assert run.stdout.readline() == b"up\n", run.stderr.read()
        ask = "import sys; sys.path.insert(0, '.'); import visit; print(visit.tcp(sys.argv[1], int(sys.argv[2])))"
        command = ["env", f"--chdir={lab.project(sandbox.user)}", "/usr/bin/python3", "-c", ask]
        reached = lab.enter(lab.host, [*command, "127.0.0.1", "3000"], capture_output=True)
        assert reached.stdout == b"inside:ping\n", reached.stderr
        assert lab.enter(lab.host, [*command, "127.0.0.1", "3001"], capture_output=True).returncode != 0
    finally:
        run.communicate(b"x", timeout=60)


def test_a_port_that_is_taken_on_the_host_is_said_before_the_start(sandbox, lab):
    with host_server(lab, "127.0.0.1", 3000):
        outcome = sandbox.run(["allowed.test"], ["echo", "ran"], config="ports: [3000]\n")
    assert outcome.status != 0
    assert not outcome.out
    assert "ports: 3000 of 127.0.0.1 cannot be had: Address already in use" in outcome.err


def test_a_port_that_aigate_needs_inside_is_said_before_the_start(lab, user):
    outcome = Sandbox(lab, user, "gateway").run(["localhost:61080"], ["echo", "ran"])
    assert outcome.status != 0
    assert not outcome.out
    assert "localhost:61080 is a port that aigate itself needs inside" in outcome.err


@pytest.mark.parametrize("place", ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "thishost"])  # noqa: S104
def test_a_client_that_asks_the_proxy_for_localhost_reaches_a_server_inside(lab, user, place):
    """Some clients know no NO_PROXY, or read it in their own way."""
    script = f"""
import http.server, socketserver, threading, urllib.request
class Server(http.server.HTTPServer):
    address_family = {"10" if ":" in place else "2"}
server = Server(('{"::1" if ":" in place else ""}', 8000), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
handler = urllib.request.ProxyHandler({{'http': 'http://127.0.0.1:61080'}})
handler.proxy_open.__globals__['proxy_bypass'] = lambda host: False
opener = urllib.request.build_opener(handler)
print(opener.open('http://{place}:8000/visit.py').status)
"""
    outcome = Sandbox(lab, user, "gateway").run(["allowed.test"], ["/usr/bin/python3", "-c", script])
    assert outcome.out == "200\n", outcome.err


def test_clients_reach_a_server_inside_with_the_variables_as_they_are(lab, user):
    script = """
python3 -m http.server --bind 127.0.0.1 8000 >/dev/null 2>&1 & server=$!
until curl -s -o /dev/null http://127.0.0.1:8000/; do :; done
for place in localhost 127.0.0.1; do
    curl -s -o /dev/null -w '%{http_code} ' http://$place:8000/
    python3 -c "import urllib.request; print(urllib.request.urlopen('http://$place:8000/').status, end=' ')"
done
kill $server
"""
    outcome = Sandbox(lab, user, "gateway").run(["allowed.test"], ["sh", "-c", script])
    assert outcome.out.split() == ["200"] * 4, outcome.err
