#!/bin/bash
# Belief: with SO_OOBINLINE an urgent byte (TCP's MSG_OOB) is data like any other, so a relay that waits for EPOLLIN and
#   moves bytes by splice(2) carries it like any other; and where splice(2) says EAGAIN, there is nothing to be read.
# What happens: splice(2) stops before the urgent byte and then says EAGAIN for ever, with SO_OOBINLINE and without,
#   while epoll(7) goes on reporting EPOLLIN: the relay spins, and what follows never arrives. With SO_OOBINLINE one
#   recv(2) takes the byte, and splice(2) works again behind it.
#   When the sender has ended its side as well, splice(2) says 0, as at the end, with bytes still waiting.
# Versions: see the output; tried on Linux 6.18 with Python 3.11.
# Why it matters: a relay that splices needs another way for such a byte, and a 0 from splice(2) is
#   no proof of the end.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
uname -sr
python3 --version
cat > "$work/try.py" <<'PYTHON'
import os, select, socket, sys


def pair(inline):
    listener = socket.create_server(("127.0.0.1", 0))
    near = socket.create_connection(listener.getsockname())
    far, _ = listener.accept()
    far.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, inline)
    far.setblocking(False)
    return near, far


def splice(source, sink):
    try:
        return os.splice(source.fileno(), sink, 65536, flags=2)
    except BlockingIOError:
        return "EAGAIN"


good = True
for inline in (0, 1):
    near, far = pair(inline)
    reader, writer = os.pipe()
    near.sendall(b"before")
    near.send(b"!", socket.MSG_OOB)
    near.sendall(b"after")
    waiting = select.epoll()
    waiting.register(far, select.EPOLLIN)
    waiting.poll(5)
    while splice(far, writer) == "EAGAIN":
        waiting.poll(5)
    seen = [(splice(far, writer), bool(waiting.poll(0))) for _ in range(3)]
    print(f"SO_OOBINLINE {inline}: splice, readable: {seen}")
    good = good and seen == [("EAGAIN", True)] * 3
    if inline:
        byte = far.recv(1)
        rest = splice(far, writer)
        print(f"  recv: {byte}, then splice: {rest}")
        good = good and byte == b"!" and rest == 5

near, far = pair(1)
reader, writer = os.pipe()
near.send(b"!", socket.MSG_OOB)
near.shutdown(socket.SHUT_WR)
waiting = select.epoll()
waiting.register(far, select.EPOLLIN | select.EPOLLRDHUP)
while not any(events & select.EPOLLRDHUP for _, events in waiting.poll(5)):
    pass
ended, byte = splice(far, writer), far.recv(10)
print(f"after the sender's end: splice {ended}, though recv has {byte}")
sys.exit(0 if good and ended == 0 and byte == b"!" else 1)
PYTHON
timeout 60 python3 "$work/try.py"
