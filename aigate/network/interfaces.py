"""Interfaces and routes of a network namespace, by calls on its sockets. Owns no socket.

See netdevice(7), rtnetlink(7) and linux/ipv6.h. The kernel checks that the caller owns the
namespace, so these work from outside too.
"""

from __future__ import annotations

import os
from _socket import AF_INET, AF_INET6, inet_pton
from _struct import pack, unpack_from
from fcntl import ioctl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812

SIOCADDRT = 0x890B
SIOCGIFFLAGS = 0x8913
SIOCSIFFLAGS = 0x8914
SIOCSIFADDR = 0x8916
SIOCSIFNETMASK = 0x891C
SIOCGIFINDEX = 0x8933
IFF_UP = 1
RTF_UP = 1
RTF_GATEWAY = 2
LO_INDEX = 1
RTM_NEWROUTE = 24
RTA_OIF, RTA_PREFSRC = 4, 7
TABLE_LOCAL, PROTOCOL_STATIC, SCOPE_HOST, TYPE_LOCAL = 255, 4, 254, 2
NLM_F_REQUEST, NLM_F_ACK, NLM_F_REPLACE, NLM_F_CREATE = 1, 4, 0x100, 0x400


def bring_up(socket: Socket, device: str) -> None:
    """Switch a device on."""
    (flags,) = unpack_from("=H", ioctl(socket.fileno(), SIOCGIFFLAGS, _request(device)), 16)
    ioctl(socket.fileno(), SIOCSIFFLAGS, _request(device, pack("=H", flags | IFF_UP)))


def add_ipv4_range(socket: Socket, alias: str, address: str, netmask: str) -> None:
    """Give lo an address (alias: `lo:1`); on lo the whole range of the netmask is then this machine's own."""
    for call, value in ((SIOCSIFADDR, address), (SIOCSIFNETMASK, netmask)):
        ioctl(socket.fileno(), call, _request(alias, pack("=HH4s8x", AF_INET, 0, inet_pton(AF_INET, value))))


def make_everything_local(netlink: Socket, family: int, source: bytes) -> None:
    """Make every address of a family this machine's own, on lo.

    source: packed address that packets to them come from; empty: the kernel chooses.

    netlink: a NETLINK_ROUTE socket of the namespace (rtnetlink(7)). It takes a route of the type "local" for an address
    to get an ICMP error back from itself.
    """
    kind = pack("=BBBBBBBBI", family, 0, 0, 0, TABLE_LOCAL, PROTOCOL_STATIC, SCOPE_HOST, TYPE_LOCAL, 0)
    body = kind + pack("=HHi", 8, RTA_OIF, LO_INDEX)
    if source:
        body += pack("=HH", 4 + len(source), RTA_PREFSRC) + source
    flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE
    netlink.send(pack("=IHHII", 16 + len(body), RTM_NEWROUTE, flags, 1, 0) + body)
    number = -unpack_from("=i", netlink.recv(4096), 16)[0]
    if number:
        raise OSError(number, os.strerror(number))


def add_ipv6_address(socket: Socket, device: str, address: str, prefix: int) -> None:
    """Give a device an IPv6 address (struct in6_ifreq); socket: an AF_INET6 one."""
    ioctl(socket.fileno(), SIOCSIFADDR, pack("=16sIi", inet_pton(AF_INET6, address), prefix, _index(socket, device)))


def add_ipv6_default(socket: Socket, device: str, router: str) -> None:
    """Send every other IPv6 address to a router (struct in6_rtmsg)."""
    flags = RTF_UP | RTF_GATEWAY
    gateway = inet_pton(AF_INET6, router)
    # destination, source, gateway, type, lengths of the first two, metric, info, flags, interface
    route = pack("@16s16s16sIHHILIi", bytes(16), bytes(16), gateway, 0, 0, 0, 1, 0, flags, _index(socket, device))
    ioctl(socket.fileno(), SIOCADDRT, route)


def _index(socket: Socket, device: str) -> int:
    index: int = unpack_from("=i", ioctl(socket.fileno(), SIOCGIFINDEX, _request(device)), 16)[0]
    return index


def _request(device: str, value: bytes = b"") -> bytes:
    """Return a struct ifreq: 16 bytes of name, 24 of value."""
    return pack("16s24s", device.encode(), value)
