"""An urgent byte (TCP's, tcp(7)) is carried as any other, in its place; the connection goes on and the relay rests."""

import pytest

SCRIPT = """
import socket
c = socket.create_connection(('allowed.test', 7), timeout=20)
for part in (b'before', b'after' * 20000):
    c.sendall(part)
    c.send(b'!', socket.MSG_OOB)
c.shutdown(socket.SHUT_WR)
data = b''
while part := c.recv(65536):
    data += part
print(len(data.partition(b'\\nend')[0]), data[:12].decode())
"""


@pytest.mark.parametrize("mode", ["gateway"])
def test_an_urgent_byte_arrives_and_the_connection_goes_on(sandbox):
    outcome = sandbox.run(["allowed.test"], ["/usr/bin/python3", "-c", SCRIPT])
    assert outcome.out == f"{6 + 1 + 100000 + 1} before!after\n", outcome.err
