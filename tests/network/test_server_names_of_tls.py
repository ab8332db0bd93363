"""TLS must ask for the name that was resolved, in whatever pieces and after whatever records it does."""

import pytest


@pytest.fixture(params=["gateway"])
def mode(request):
    return request.param


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
    assert sandbox.python(["allowed.test"], script).out.splitlines() == ["denied.test cut", "allowed.test 5"]


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
    outcome = sandbox.python(["allowed.test"], script)
    assert outcome.out == "cut\n"
    assert outcome.events[-1]["reason"] == "TLS with no server name"
