"""A name server from before EDNS, for one name: `netnames.py ADDRESS formerr|notimp|silence`."""

from __future__ import annotations

import socket
import sys

RCODES = {"formerr": 1, "notimp": 4}
NAME = b"\x03old\x04test\x00"
THERE = bytes([192, 175, 48, 10])


def reply(query: bytes, how: str) -> bytes:
    """Answer an A question; a question that has more than itself (an OPT record) is refused, or not heard."""
    end = query.index(b"\0", 12) + 5
    if query[10:12] != b"\0\0":
        return query[:2] + bytes((0x80, RCODES[how])) + bytes(8) if how in RCODES else b""
    asked = query[12:end]
    known = asked[:-4].lower() == NAME
    found = known and asked[-4:-2] == b"\0\1"
    head = query[:2] + bytes((0x81, 0x80 if known else 0x83)) + b"\0\1" + bytes((0, found)) + bytes(4)
    return head + asked + (b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + THERE if found else b"")


def main() -> None:
    address, how = sys.argv[1:]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        sys.stdout.write("up\n")
        sys.stdout.flush()
        while True:
            query, sender = server.recvfrom(4096)
            if wire := reply(query, how):
                server.sendto(wire, sender)


if __name__ == "__main__":
    main()
