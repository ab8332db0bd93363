"""The gateway carries many connections at once, half-closed ones and slow readers, and recovers when it is full."""

import subprocess

import pytest


@pytest.fixture(params=["gateway"])
def mode(request):
    return request.param


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
    assert sandbox.python(["allowed.test"], script).out.split() == ["1010", "end", "1000"]


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
    assert sandbox.python(["allowed.test"], script).out.split() == ["True", "0"]


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
    assert sandbox.python(["allowed.test"], script).out == "2000\n"


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
