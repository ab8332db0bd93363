"""The sandbox's side, before the sandbox exists. Runs in the process that will become it, and leaves nothing behind.

It is in a user and a network namespace that were just made (`host/nesting.py`), makes the sockets that are served from
outside, and hands all of it out. What is executed afterwards nests a user namespace of its own and so has no power over
this one: no rule can be flushed, no socket be replaced, no address be added. See user_namespaces(7).
"""

from __future__ import annotations

import os
from _socket import (
    AF_INET,
    AF_INET6,
    IPPROTO_IPV6,
    IPV6_V6ONLY,
    SCM_RIGHTS,
    SO_RCVBUF,
    SO_REUSEADDR,
    SO_REUSEPORT,
    SOCK_DGRAM,
    SOCK_RAW,
    SOCK_STREAM,
    SOL_SOCKET,
    inet_pton,
)
from _socket import socket as Socket  # noqa: N812
from _struct import pack
from errno import EADDRINUSE

from aigate.errors import EnforcementError
from aigate.host.nesting import CLONE_NEWNET, enter_user_namespace, write_file
from aigate.network import firewall, nfqueue
from aigate.network.firewall import SYNTHETIC_IPV4, SYNTHETIC_IPV6
from aigate.network.hostfiles import PROXY_PORT, RESOLVER
from aigate.network.interfaces import add_ipv4_range, add_ipv6_address, bring_up, make_everything_local
from aigate.policy.hosts import loopback_ports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.network.plan import NetworkPlan

AF_NETLINK = 16
RELAY_PORT = 61001
BACKLOG = 1024
QUESTIONS_BYTES = 4 << 20  # the kernel grants what net.core.rmem_max says, some 500 questions for each socket
OPENED4, OPENED6 = "opened4:", "opened6:"  # and the port
DATAGRAMS = ("datagrams1", "datagrams2", "datagrams3", "datagrams4")


def enter(plan: NetworkPlan, control: Socket, *, alone: bool) -> None:
    """Make the sockets of this process's namespaces and hand them to the process at the other end of `control`.

    alone: nobody has made these namespaces yet.

    Raises EnforcementError if anything of it fails; the other end has then been told the same message.
    """
    try:
        if alone:
            enter_user_namespace(CLONE_NEWNET)
        _enter(plan, control)
    except OSError as error:
        from aigate.host.namespaces import refusal

        _complain(refusal("no network can be made for the sandbox", error), control)
    except EnforcementError as error:
        _complain(error, control)


def _complain(error: EnforcementError, control: Socket) -> None:
    control.send(b"!" + error.message.encode() + (b"\t" + error.hint.encode() if error.hint else b""))
    raise error


def _enter(plan: NetworkPlan, control: Socket) -> None:
    _quiet_ipv6()
    sockets = _sockets(plan)
    bring_up(sockets["control4"], "lo")
    _bind(sockets, plan)
    _hand_out(sockets, control)


def _sockets(plan: NetworkPlan) -> dict[str, Socket]:
    sockets = {
        "control4": Socket(AF_INET, SOCK_DGRAM),
        **{name: Socket(AF_INET, SOCK_DGRAM) for name in DATAGRAMS},
        "streams": Socket(AF_INET, SOCK_STREAM),
    }
    if os.path.exists("/proc/sys/net/ipv6"):
        sockets["control6"] = Socket(AF_INET6, SOCK_DGRAM)
    if plan.machine.restore4 and (queue := _queue(plan)) is not None:
        sockets["queue"] = queue
    for port in loopback_ports(plan.rules):
        sockets[f"{OPENED4}{port}"] = Socket(AF_INET, SOCK_STREAM)
        if "control6" in sockets:
            sockets[f"{OPENED6}{port}"] = Socket(AF_INET6, SOCK_STREAM)
    if plan.way == "gateway":
        sockets["proxy"] = Socket(AF_INET, SOCK_STREAM)
        sockets["relay4"] = Socket(AF_INET, SOCK_STREAM)
        if "control6" in sockets:
            sockets["relay6"] = Socket(AF_INET6, SOCK_STREAM)
    return sockets


def _bind(sockets: dict[str, Socket], plan: NetworkPlan) -> None:
    """Give every socket its place; the namespace is new, so nobody can have taken it."""
    places = {
        **dict.fromkeys(DATAGRAMS, (RESOLVER, 53)),
        "streams": (RESOLVER, 53),
        "relay4": ("127.0.0.1", RELAY_PORT),
        "relay6": ("::1", RELAY_PORT),
        "proxy": ("127.0.0.1", PROXY_PORT),
        **{f"{OPENED4}{port}": ("127.0.0.1", port) for port in loopback_ports(plan.rules)},
        **{f"{OPENED6}{port}": ("::1", port) for port in loopback_ports(plan.rules)},
    }
    for name, place in places.items():
        if name not in sockets:
            continue
        if sockets[name].family == AF_INET6:
            sockets[name].setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
        if name in DATAGRAMS:  # several share what arrives: a burst that does not fit is answered seconds later
            sockets[name].setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
            sockets[name].setsockopt(SOL_SOCKET, SO_RCVBUF, QUESTIONS_BYTES)
            sockets[name].bind(place)
        else:
            sockets[name].setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
            _take_place(sockets[name], place)
            sockets[name].listen(BACKLOG)
    if plan.way == "gateway" and plan.machine.restore4:
        _route_to_loopback(sockets)


def _take_place(socket: Socket, place: tuple[str, int]) -> None:
    try:
        socket.bind(place)
    except OSError as error:
        if error.errno != EADDRINUSE:
            raise
        message = f"allow_net: localhost:{place[1]} is a port that aigate itself needs inside"
        raise EnforcementError(message, hint="let the server on the host listen on another one") from None


def _queue(plan: NetworkPlan) -> Socket | None:
    """Return the listener of the packet queue; None where the kernel has none and the gateway does without."""
    try:
        return _listen_to_queue()
    except OSError as error:
        if plan.way == "gateway":
            return None
        message = f"the kernel has no packet queue for aigate: {error.strerror}"
        raise EnforcementError(message, hint="set network: gateway") from None


def _listen_to_queue() -> Socket:
    queue = Socket(AF_NETLINK, SOCK_RAW, nfqueue.NETLINK_NETFILTER)
    queue.bind((0, 0))
    queue.setsockopt(270, 5, 1)  # SOL_NETLINK, NETLINK_NO_ENOBUFS: a flood is dropped, and is no error
    queue.send(nfqueue.configuration(firewall.QUEUE))
    waiting = 2
    while waiting:
        for number in nfqueue.errors(queue.recv(4096)):
            if number:
                raise OSError(number, os.strerror(number))
            waiting -= 1
    return queue


def _route_to_loopback(sockets: dict[str, Socket]) -> None:
    """Make every address a way to lo, where the rules turn what is allowed towards the relay."""
    add_ipv4_range(sockets["control4"], "lo:1", *SYNTHETIC_IPV4)
    netlink = Socket(AF_NETLINK, SOCK_RAW, 0)
    make_everything_local(netlink, AF_INET, inet_pton(AF_INET, SYNTHETIC_IPV4[0]))
    if "control6" in sockets:
        add_ipv6_address(sockets["control6"], "lo", *SYNTHETIC_IPV6)
        make_everything_local(netlink, AF_INET6, b"")
    netlink.close()


def _hand_out(sockets: dict[str, Socket], control: Socket) -> None:
    """Send the namespaces and the sockets, with the process id and their names in order as text."""
    present = {name: os.open(f"/proc/self/ns/{name}", os.O_RDONLY | os.O_CLOEXEC) for name in ("user", "net")}
    present |= {name: socket.fileno() for name, socket in sockets.items()}
    packed = b"".join(pack("=i", descriptor) for descriptor in present.values())
    control.sendmsg([" ".join((str(os.getpid()), *present)).encode()], [(SOL_SOCKET, SCM_RIGHTS, packed)])
    for name in ("user", "net"):
        os.close(present[name])
    for socket in sockets.values():
        socket.close()


def _quiet_ipv6() -> None:
    """Let no device configure itself: the addresses are given when the rules are in force (ip-sysctl.rst)."""
    if os.path.exists("/proc/sys/net/ipv6"):
        for name in ("accept_ra", "accept_dad", "autoconf"):
            write_file(f"/proc/sys/net/ipv6/conf/default/{name}", "0")
