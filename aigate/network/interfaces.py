"""Interfaces and routes of a network namespace, by ioctl on a socket of that namespace. Owns no socket.

See netdevice(7) and linux/ipv6.h. The kernel checks that the caller owns the namespace, so these work from outside too.
"""

from __future__ import annotations

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


def bring_up(socket: Socket, device: str) -> None:
    """Switch a device on."""
    (flags,) = unpack_from("=H", ioctl(socket.fileno(), SIOCGIFFLAGS, _request(device)), 16)
    ioctl(socket.fileno(), SIOCSIFFLAGS, _request(device, pack("=H", flags | IFF_UP)))


def add_ipv4_range(socket: Socket, alias: str, address: str, netmask: str) -> None:
    """Give lo an address (alias: `lo:1`); on lo the whole range of the netmask is then this machine's own."""
    for call, value in ((SIOCSIFADDR, address), (SIOCSIFNETMASK, netmask)):
        ioctl(socket.fileno(), call, _request(alias, pack("=HH4s8x", AF_INET, 0, inet_pton(AF_INET, value))))


def add_ipv4_default(socket: Socket, device: str) -> None:
    """Send every other IPv4 address to a device (struct rtentry, linux/route.h)."""
    from ctypes import addressof, create_string_buffer

    name = create_string_buffer(device.encode())
    nothing = pack("=HH4s8x", AF_INET, 0, bytes(4))
    # in the order of the struct: flags first, then the metric, the device last but its limits
    rest = pack("@HhLPhPLLH", RTF_UP, 0, 0, 0, 0, addressof(name), 0, 0, 0)
    ioctl(socket.fileno(), SIOCADDRT, pack("@L", 0) + nothing * 3 + rest + bytes(8))


def add_ipv6_address(socket: Socket, device: str, address: str, prefix: int) -> None:
    """Give a device an IPv6 address (struct in6_ifreq); socket: an AF_INET6 one."""
    ioctl(socket.fileno(), SIOCSIFADDR, pack("=16sIi", inet_pton(AF_INET6, address), prefix, _index(socket, device)))


def add_ipv6_default(socket: Socket, device: str, router: str | None) -> None:
    """Send every other IPv6 address to a device, through a router if there is one (struct in6_rtmsg)."""
    flags = RTF_UP | (RTF_GATEWAY if router else 0)
    gateway = inet_pton(AF_INET6, router or "::")
    # destination, source, gateway, type, lengths of the first two, metric, info, flags, interface
    route = pack("@16s16s16sIHHILIi", bytes(16), bytes(16), gateway, 0, 0, 0, 1, 0, flags, _index(socket, device))
    ioctl(socket.fileno(), SIOCADDRT, route)


def _index(socket: Socket, device: str) -> int:
    index: int = unpack_from("=i", ioctl(socket.fileno(), SIOCGIFINDEX, _request(device)), 16)[0]
    return index


def _request(device: str, value: bytes = b"") -> bytes:
    """Return a struct ifreq: 16 bytes of name, 24 of value."""
    return pack("16s24s", device.encode(), value)
