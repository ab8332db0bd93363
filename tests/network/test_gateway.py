"""What only a relay can do: judge TLS by its server name, speak for a proxy, and carry many connections at once."""

import subprocess

import pytest
from netlab import ALLOWED, DENIED

PROXY = "127.0.0.1:61080"


@pytest.fixture(params=["gateway"])
def mode(request):
    return request.param


def python(sandbox, allow, script):
    outcome = sandbox.run(allow, ["/usr/bin/python3", "-c", script])
    assert outcome.status == 0, outcome.err
    assert not outcome.failures
    return outcome


def test_tls_must_ask_for_the_name_that_was_resolved(sandbox):
    good, wrong, none = sandbox.visit(
        ["allowed.test", "other.test"],
        ["tls", "allowed.test", 443, "allowed.test", "ca.pem"],
        ["tls", "allowed.test", 443, "other.test", "ca.pem"],
        ["tls", "allowed.test", 443, "", "ca.pem"],
    ).visits
    assert good["result"] == "HTTP/1.1 200 OK"
    assert not wrong["ok"]
    assert not none["ok"]


def test_a_wrong_server_name_is_told(sandbox):
    outcome = sandbox.visit(["allowed.test"], ["tls", "allowed.test", 443, "denied.test", "ca.pem"])
    assert outcome.events[-1]["reason"] == "TLS with server name denied.test"


def test_a_client_hello_in_single_bytes_is_judged_too(sandbox):
    """A ClientHello for another name, sent a byte at a time; and one for the right name, which arrives."""
    script = """
import socket, ssl
for name in ('denied.test', 'allowed.test'):
    context = ssl.create_default_context(cafile='ca.pem')
    context.check_hostname = False
    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(inward, outward, server_hostname=name)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    c = socket.create_connection(('allowed.test', 443), timeout=5)
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        for byte in outward.read():
            c.send(bytes([byte]))
        print(name, len(c.recv(5)))
    except OSError as error:
        print(name, 'cut')
"""
    assert python(sandbox, ["allowed.test"], script).out.splitlines() == ["denied.test cut", "allowed.test 5"]


def test_a_warning_before_the_client_hello_does_not_hide_it(sandbox):
    """OpenSSL's servers pass over a warning, and would then take any server name."""
    script = """
import socket
c = socket.create_connection(('allowed.test', 443), timeout=5)
c.sendall(bytes((21, 3, 1, 0, 2, 1, 90)))
try:
    print('got', c.recv(100))
except OSError:
    print('cut')
"""
    outcome = python(sandbox, ["allowed.test"], script)
    assert outcome.out == "cut\n"
    assert outcome.events[-1]["reason"] == "TLS with no server name"


def test_a_second_request_on_a_connection_to_the_proxy_goes_nowhere(sandbox, lab):
    """It may be meant for another host than the one that the connection leads to by now."""
    script = """
import socket
c = socket.create_connection(('127.0.0.1', 61080), timeout=5)
c.sendall(b'POST http://allowed.test/upload HTTP/1.1\\r\\nContent-Length: 4\\r\\n\\r\\nbody'
          b'GET http://other.test/second-request HTTP/1.1\\r\\n\\r\\n')
print(c.recv(1000).split(b'\\r\\n\\r\\n')[1].decode())
"""
    assert python(sandbox, ["allowed.test", "other.test"], script).out == "4\n"
    assert "second-request" not in lab.seen_file.read_text()


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
        outcome = python(sandbox, ["0.0.0.0/0"], request)
        assert "host" not in outcome.out.split()
        assert "200" not in outcome.out
    finally:
        listener.kill()


def test_a_connection_may_be_half_closed(sandbox):
    script = """
import socket
c = socket.create_connection(('allowed.test', 7), timeout=20)
c.sendall(b'x' * 1000)
c.shutdown(socket.SHUT_WR)
data = b''
while part := c.recv(65536):
    data += part
print(len(data), data[-10:].decode().strip())
"""
    assert python(sandbox, ["allowed.test"], script).out.split() == ["1010", "end", "1000"]


def test_a_reader_that_does_not_read_holds_the_writer_back(sandbox):
    """Nothing is lost, and the relay does not fill its memory: what is not read outside is not taken inside."""
    script = """
import socket, time
c = socket.create_connection(('allowed.test', 7), timeout=20)
c.settimeout(1)
sent = 0
try:
    while sent < 1 << 30:
        sent += c.send(bytes(1 << 16))
except TimeoutError:
    pass
c.settimeout(20)
import threading
got = 0
def read():
    global got
    while part := c.recv(1 << 16):
        got += len(part)
reader = threading.Thread(target=read); reader.start()
c.shutdown(socket.SHUT_WR)
reader.join()
print(sent < 1 << 28, got - sent - len('\\nend %d\\n' % sent))
"""
    assert python(sandbox, ["allowed.test"], script).out.split() == ["True", "0"]


def test_two_thousand_connections_at_once(sandbox):
    script = """
import resource, selectors, socket
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
address = socket.getaddrinfo('allowed.test', 7, socket.AF_INET, socket.SOCK_STREAM)[0][4]
held = []
for _ in range(2000):
    c = socket.create_connection(address, timeout=20)
    c.sendall(b'hello')
    held.append(c)
print(sum(c.recv(5) == b'hello' for c in held))
"""
    assert python(sandbox, ["allowed.test"], script).out == "2000\n"


def test_a_relay_without_descriptors_stays_shut_and_recovers(lab, user):
    """More connections than it may have: some wait or are cut, none goes astray, and afterwards all is well."""
    script = """
import socket
def reaches(host, seconds):
    try:
        with socket.create_connection((host, 7), timeout=seconds) as c:
            c.sendall(b'ping')
            return c.recv(4) == b'ping'
    except OSError:
        return False
held = []
for _ in range(190):
    try:
        held.append(socket.create_connection(('127.0.0.1', 61080), timeout=0.5))
    except OSError:
        break
print(len(held) > 150, reaches('192.175.48.20', 0.5))
for one in held:
    one.close()
print(any(reaches('allowed.test', 5) for _ in range(5)), reaches('192.175.48.20', 0.5))
"""
    command = lab.command(["allowed.test"], ["/usr/bin/python3", "-c", script], user=user, mode="gateway")
    place = command.index("env")
    limited = [*command[:place], "prlimit", "--nofile=200:200", *command[place:]]
    done = subprocess.run(limited, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == ["True False", "True False"], done.stderr
    assert "its guard ended early" not in done.stderr


def test_without_iptables_the_proxy_is_the_way_out(lab, user):
    """On a machine without any iptables nothing leaves but through the proxy; a raw connection has no route."""
    hide = "for f in /usr/sbin/*tables*; do mount --bind /dev/null $f; done"
    lab.enter(lab.host, ["sh", "-c", f"mount --bind /usr/sbin /usr/sbin && {hide}"], check=True)
    try:
        from netsandbox import Sandbox

        outcome = Sandbox(lab, user, "auto").visit(
            ["allowed.test"],
            ["http", "http://allowed.test/"],
            ["http", "http://denied.test/"],
            ["tcp", ALLOWED, 7],
            ["tcp", DENIED, 7],
        )
        assert [visit["ok"] for visit in outcome.visits] == [True, False, False, False]
    finally:
        show = "for f in /usr/sbin/*tables*; do umount $f; done; umount /usr/sbin"
        lab.enter(lab.host, ["sh", "-c", show], check=True)
