"""Which addresses a name may lead to. Owns the ranges that names must not open; asks the kernel what is the host's own.

A name server is not trusted: an answer that points at the host, its private network or a cloud's metadata service
would turn an allowed name into a door (DNS rebinding). Ranges: RFC 6890 and its IANA registries, RFC 4193, RFC 6052.
Documentation and benchmarking ranges stay open: nothing listens there, and some proxies hand them out on purpose.
"""

from __future__ import annotations

from _socket import AF_INET, AF_INET6, SOCK_DGRAM, inet_ntop, inet_pton
from _socket import socket as Socket  # noqa: N812

from aigate.policy.hosts import Network

IPV4 = 4
IPV6 = 16


def _ranges(*texts: str) -> tuple[Network, ...]:
    found = []
    for text in texts:
        address, _, prefix = text.partition("/")
        found.append(Network(inet_pton(AF_INET6 if ":" in address else AF_INET, address), int(prefix)))
    return tuple(found)


PRIVATE = _ranges(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",  # Azure's platform address, public in form only
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/96",
    "::ffff:0:0/96",
    "64:ff9b:1::/48",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
)
NAT64 = _ranges("64:ff9b::/96")[0]
SIX_TO_FOUR = _ranges("2002::/16")[0]


def is_private(address: bytes) -> bool:
    """Tell whether a packed address is not one of the public internet's, or carries such an IPv4 address inside."""
    inner = embedded_ipv4(address)
    if inner is not None:
        return is_private(inner)
    return any(address in network for network in PRIVATE)


def embedded_ipv4(address: bytes) -> bytes | None:
    """Return the IPv4 address that routers take out of an IPv6 address (RFC 6052, RFC 3056), or None."""
    if len(address) != IPV6:
        return None
    if address in NAT64:
        return address[12:]
    if address in SIX_TO_FOUR:
        return address[2:6]
    return None


def is_own(address: bytes) -> bool:
    """Tell whether a packed address belongs to this very machine: only then can a socket be bound to it (bind(2))."""
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
