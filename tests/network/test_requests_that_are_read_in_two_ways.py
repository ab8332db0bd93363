"""Behind a company's proxy: what that could read in another way than we do is refused, and never comes to it."""

import os

import pytest
from netsandbox import Sandbox

PROXY = "http://user:pa%20ss@127.0.0.1:3128"
SCRIPT = """
import socket, sys
for request in sys.argv[1:]:
    with socket.create_connection(('127.0.0.1', 61080), timeout=10) as c:
        c.sendall(request.encode().decode('unicode_escape').encode('latin-1'))
        print(c.recv(100).split()[1].decode())
"""
HOST = r"Host: allowed.test\r\n"
REFUSED = (
    rf"GET http://allowed.test/\tx HTTP/1.1\r\n{HOST}\r\n",
    rf"GET http://allowed.test/ HTTP/1.1\nX: y\r\n{HOST}\r\n",
    rf"GET http://allowed.test/ HTTP/1.1\r\n{HOST}X: y\nZ: z\r\n\r\n",
    rf"GET http://allowed.test/ HTTP/1.1\r\n{HOST}X: y\r\n z\r\n\r\n",
    rf"POST http://allowed.test/ HTTP/1.1\r\n{HOST}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    rf"POST http://allowed.test/ HTTP/1.1\r\n{HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
)


@pytest.mark.parametrize("request_", REFUSED)
def test_it_is_refused(lab, seen, request_):
    outcome = Sandbox(lab, "user", "auto").run(
        ["allowed.test"],
        ["/usr/bin/python3", "-c", SCRIPT, rf"GET http://allowed.test/good HTTP/1.1\r\n{HOST}\r\n", request_],
        env={**os.environ, "HTTPS_PROXY": PROXY},
    )
    assert outcome.out.split() == ["200", "400"], outcome.err
    assert seen() == ["GET http://allowed.test/good HTTP/1.1 known"]
