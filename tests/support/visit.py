"""The agent's side of the network tests: tries what it is told and prints what came of it, one JSON object a line.

Each argument is a JSON list: ["tcp", host, port], ["udp", host, port], ["name", host], ["dns", server, name, "udp"],
["http", url], ["raw"], ["packet"], ["ping", host]. Runs with any Python 3, without packages.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import time
import urllib.request

SECONDS = 20  # what is refused must be known in less, also beside a load: see AT_ONCE in netsandbox.py


def tcp(host: str, port: int, seconds: float = SECONDS) -> str:
    with socket.create_connection((host, port), timeout=seconds) as connection:
        connection.sendall(b"ping")
        return connection.recv(100).decode("latin-1")


def mapped(address: str, port: int) -> str:
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as connection:
        connection.settimeout(SECONDS)
        connection.connect((address, port))
        connection.sendall(b"ping")
        return connection.recv(100).decode("latin-1")


def udp(host: str, port: int, seconds: float = SECONDS) -> str:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as connection:
        connection.settimeout(seconds)
        connection.connect(address)
        connection.send(b"ping")
        return connection.recv(100).decode("latin-1")


def name(host: str) -> list[str]:
    return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None)})


def dns(server: str, host: str, way: str, kind: int = 1) -> str:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in host.split("."))
    query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + labels + b"\0" + kind.to_bytes(2, "big") + b"\0\1"
    where = socket.SOCK_DGRAM if way == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, where) as connection:
        connection.settimeout(SECONDS)
        connection.connect((server, 53))
        if way == "udp":
            connection.send(query)
            reply = connection.recv(4096)
        else:
            connection.sendall(len(query).to_bytes(2, "big") + query)
            reply = connection.recv(4096)[2:]
    return f"rcode {reply[3] & 15} answers {int.from_bytes(reply[6:8], 'big')}"


def http(url: str, ca: str = "") -> str:
    context = ssl.create_default_context(cafile=ca) if ca else None
    with urllib.request.urlopen(url, timeout=SECONDS, context=context) as reply:  # noqa: S310
        return f"{reply.status} {len(reply.read())}"


def tls(host: str, port: int, server_name: str, ca: str) -> str:
    context = ssl.create_default_context(cafile=ca)
    context.check_hostname = False
    plain = socket.create_connection((host, port), timeout=SECONDS)
    with context.wrap_socket(plain, server_hostname=server_name or None) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(100).decode("latin-1").split("\r\n")[0]


def raw() -> str:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
    return "open"


def packet() -> str:
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x0300).close()
    return "open"


def ping(host: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as probe:
        probe.settimeout(SECONDS)
        probe.sendto(b"\x08\0\0\0\0\1\0\1ping", (host, 0))
        probe.recv(100)
        return "answered"


def wait(seconds: float) -> str:
    time.sleep(seconds)
    return "waited"


def main() -> None:
    for argument in sys.argv[1:]:
        what, *details = json.loads(argument)
        start = time.monotonic()
        try:
            result: object = globals()[what](*details)
            good = True
        except OSError as error:
            result, good = f"{type(error).__name__}: {error}", False
        sys.stdout.write(json.dumps({"ok": good, "result": result, "seconds": time.monotonic() - start}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
