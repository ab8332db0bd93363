"""A name server of an unusual kind, for one name: `netnames.py ADDRESS formerr|notimp|silence|slow|stream|ok`."""

from __future__ import annotations

import socket
import sys
import threading

RCODES = {"formerr": 1, "notimp": 4}
NAME = b"\x03old\x04test\x00"
THERE = bytes([192, 175, 48, 10])
SLOW_SECONDS = 3.0
BEFORE_EDNS = (*RCODES, "silence")


def reply(query: bytes, how: str) -> bytes:
    """Answer an A question; one that has more than itself (an OPT record) is refused, or not heard, by old servers."""
    end = query.index(b"\0", 12) + 5
    if query[10:12] != b"\0\0" and how in BEFORE_EDNS:
        return query[:2] + bytes((0x80, RCODES[how])) + bytes(8) if how in RCODES else b""
    asked = query[12:end]
    known = asked[:-4].lower() == NAME
    found = known and asked[-4:-2] == b"\0\1"
    head = query[:2] + bytes((0x81, 0x80 if known else 0x83)) + b"\0\1" + bytes((0, found)) + bytes(4)
    return head + asked + (b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + THERE if found else b"")


def answer_streams(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            query = connection.recv(4096)[2:]
            wire = reply(query, "ok") if query else b""
            connection.sendall(len(wire).to_bytes(2, "big") + wire)


def main() -> None:
    address, how = sys.argv[1:]
    family, _, _, _, place = socket.getaddrinfo(address, 53, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, socket.SOCK_DGRAM) as server, socket.socket(family, socket.SOCK_STREAM) as listener:
        server.bind(place)
        if how == "stream":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
            listener.listen()
            threading.Thread(target=answer_streams, args=[listener], daemon=True).start()
        sys.stdout.write("up\n")
        sys.stdout.flush()
        while True:
            query, sender = server.recvfrom(4096)
            wire = b"" if how == "stream" else reply(query, how)
            if wire and how == "slow":
                threading.Timer(SLOW_SECONDS, server.sendto, (wire, sender)).start()
            elif wire:
                server.sendto(wire, sender)


if __name__ == "__main__":
    main()
