"""Which addresses a name may lead to. Owns the ranges that names must not open; asks the kernel what is the host's own.

A name server is not trusted: an answer that points at the host, its private network or a cloud's metadata service
would turn an allowed name into a door (DNS rebinding). Ranges: IANA's registries of special-purpose addresses (RFC
6890) and of IPv6 unicast. What carries an IPv4 address inside is judged like that address too, wherever routers would
take it out again.
"""

from __future__ import annotations

from _socket import AF_INET, AF_INET6, SOCK_DGRAM, inet_ntop, inet_pton
from _socket import socket as Socket  # noqa: N812

from aigate.policy.hosts import MAPPED_PREFIX, Network, is_here

IPV4 = 4
IPV6 = 16


def _ranges(*texts: str) -> tuple[Network, ...]:
    found = []
    for text in texts:
        address, _, prefix = text.partition("/")
        found.append(Network(inet_pton(AF_INET6 if ":" in address else AF_INET, address), int(prefix)))
    return tuple(found)


SPECIAL = _ranges(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",  # Azure's platform address, public in form only
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",  # with the anycast addresses in it, which the nearest router answers
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "2001::/23",  # Teredo, benchmarking, ORCHID and what else the IETF was assigned
    "2001:db8::/32",
    "3fff::/20",
)
REACHABLE = _ranges("2001:3::/32", "2001:4:112::/48", "2001:20::/28", "2001:30::/28")  # of 2001::/23
UNICAST = _ranges("2000::/3")[0]  # all of IPv6 that the public internet has
NAT64 = _ranges("64:ff9b::/96")[0]
LOCAL_NAT64 = _ranges("64:ff9b:1::/48")[0]
SIX_TO_FOUR = _ranges("2002::/16")[0]
TEREDO = _ranges("2001::/32")[0]
TRANSLATED_PREFIX = bytes(8) + b"\xff\xff\0\0"
ISATAP = (b"\0\0\x5e\xfe", b"\2\0\x5e\xfe")


def is_private(address: bytes) -> bool:
    """Tell whether a packed address is not one of the public internet's, or carries such an IPv4 address inside."""
    if any(is_private(inner) for inner in embedded_ipv4(address)):
        return True
    if len(address) == IPV6 and address not in UNICAST:
        return address not in NAT64
    return any(address in network for network in SPECIAL) and not any(address in network for network in REACHABLE)


def embedded_ipv4(address: bytes) -> tuple[bytes, ...]:
    """Return the IPv4 addresses that an IPv6 address carries, wherever that is a form which somebody takes apart.

    NAT64 by the well-known and the local-use prefix (RFC 6052, RFC 8215: at any of its lengths), 6to4 (RFC 3056),
    Teredo (RFC 4380: server, and client with its bits turned), ISATAP (RFC 5214), translated (RFC 2765), mapped and
    compatible.
    """
    if len(address) != IPV6:
        return ()
    if address in LOCAL_NAT64:
        return (address[6:8] + address[9:11], address[7:8] + address[9:12], address[9:13], address[12:])
    if address in TEREDO:
        return (address[4:8], bytes(byte ^ 0xFF for byte in address[12:]))
    found: tuple[bytes, ...] = (address[2:6],) if address in SIX_TO_FOUR else ()
    if address in NAT64 or address[8:12] in ISATAP or address[:12] in (MAPPED_PREFIX, TRANSLATED_PREFIX, bytes(12)):
        found += (address[12:],)
    return found


def is_loopback(address: bytes) -> bool:
    """Tell whether a packed address means the host's own loopback, or carries such an address inside."""
    return is_here(address) or any(is_here(inner) for inner in embedded_ipv4(address))


def is_own(address: bytes) -> bool:
    """Tell whether a packed address belongs to this very machine, or carries one that does."""
    return _can_be_bound(address) or any(_can_be_bound(inner) for inner in embedded_ipv4(address))


def _can_be_bound(address: bytes) -> bool:
    """Ask the kernel: only to an address of the machine's own can a socket be bound (bind(2))."""
    try:
        probe = Socket(family_of(address), SOCK_DGRAM)
    except OSError:
        return False  # no IPv6 here at all
    try:
        probe.bind((text_of(address), 0))
    except OSError:
        return False
    else:
        return True
    finally:
        probe.close()


def family_of(address: bytes) -> int:
    """Return AF_INET or AF_INET6 for a packed address."""
    return AF_INET if len(address) == IPV4 else AF_INET6


def text_of(address: bytes) -> str:
    """Return a packed address as people write it."""
    return inet_ntop(family_of(address), address)
