"""The rules inside the sandbox's network namespace, as text for iptables-restore(8). Pure; loads nothing.

The rules hold no host: every packet that would open a connection is handed to the judge (`aigate.network.judge`)
through NFQUEUE, who accepts it or marks it as refused; a marked packet passes the rules once more and is refused at
once. Established connections never leave the kernel. The default is to drop, so when the judge is gone (the queue
then has no listener) nothing opens any more. Nobody inside may set a mark: that needs CAP_NET_ADMIN out here.
"""

from __future__ import annotations

SYNTHETIC_IPV4 = ("198.18.0.1", "255.254.0.0")  # what stands for names, where a gateway connects (RFC 2544's range)
SYNTHETIC_IPV6 = ("fd61:6967:6174:6500::1", 64)
QUEUE = 0
ALLOWED = 1
REFUSED = 2

# Neighbour discovery is the kernel's own talk with the router (RFC 4861); its multicast reports (RFC 9777) interest
# nobody here. ICMPv6 is otherwise refused like ICMP.
NEIGHBOUR_DISCOVERY = (
    *(f"-A OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type {kind} -m hl --hl-eq 255 -j ACCEPT" for kind in (133, 135, 136)),
    "-A OUTPUT -d ff02::16/128 -j DROP",
)


def slirp_rules(*, ipv6: bool, address: str, asking: bool = False) -> str:
    """Return the rules for a namespace whose way out is slirp4netns' tap device.

    address: the namespace's own. Nothing that has another source is part of what is established, or passes over lo:
    any program may bind to a foreign IPv6 address (IPV6_FREEBIND), and a packet that it sends to itself so would let
    the answer out. The judge refuses such sources as well.

    asking: packets to what stands for a name wait for the user's answer before `nat` turns them to a real address (see
    `turned_rule`); none of them leaves as it is.
    """
    standing = _standing(ipv6=ipv6)
    own = f"{'::1/128,fe80::/10' if ipv6 else '127.0.0.0/8'},{address}"
    held = (
        "*mangle",
        ":OUTPUT ACCEPT [0:0]",
        "-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT",
        f"-A OUTPUT -d {standing} -m mark --mark 0 -j NFQUEUE --queue-num {QUEUE}",
        "COMMIT",
        "*nat",
        ":OUTPUT ACCEPT [0:0]",
        "COMMIT",
    )
    return _text(
        *(held if asking else ()),
        "*filter",
        ":INPUT DROP [0:0]",
        ":FORWARD DROP [0:0]",
        ":OUTPUT DROP [0:0]",
        "-A INPUT -i lo -j ACCEPT",
        "-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
        *(("-A INPUT -p ipv6-icmp -m hl --hl-eq 255 -j ACCEPT",) if ipv6 else ()),
        f"-A OUTPUT -o lo -s {own} -d {own} -j ACCEPT",
        f"-A OUTPUT -s {address} -m conntrack --ctstate ESTABLISHED -j ACCEPT",
        # What REJECT sends comes from where the refused packet went; only the kernel makes a reset that is RELATED.
        "-A OUTPUT -o lo -p tcp -m tcp --tcp-flags RST RST -m conntrack --ctstate RELATED -j ACCEPT",
        *(NEIGHBOUR_DISCOVERY if ipv6 else ()),
        *_refuse(ipv6=ipv6),
        *((f"-A OUTPUT -d {standing} -j REJECT --reject-with {_prohibited(ipv6=ipv6)}",) if asking else ()),
        f"-A OUTPUT -j NFQUEUE --queue-num {QUEUE}",
        "COMMIT",
    )


def turned_rule(standing: str, real: str) -> str:
    """Return what turns an address that stands for a name to a real one, before all that is said of it already."""
    return _text("*nat", f"-I OUTPUT 1 -d {standing} -j DNAT --to-destination {real}", "COMMIT")


def _standing(*, ipv6: bool) -> str:
    """Return the range that stands for names, as iptables lists it."""
    return f"{SYNTHETIC_IPV6[0].removesuffix('1')}/{SYNTHETIC_IPV6[1]}" if ipv6 else "198.18.0.0/15"


def gateway_rules(*, ipv6: bool, port: int, address: str, queue: bool = True) -> str:
    """Return the rules for a namespace that has no way out but the relay, which listens on a loopback port.

    address: the namespace's own, which refusals are sent to. queue: the kernel has packet queues.
    The judge is asked in `mangle`, before `nat` turns what he allowed towards the relay and `filter` refuses the rest.
    Without a queue every connection is turned towards the relay, which asks him, and cuts what he refuses.
    """
    loopback = "::1/128" if ipv6 else "127.0.0.0/8"
    own = (f"-A OUTPUT -d {loopback} -j ACCEPT", f"-A OUTPUT -d {address} -j ACCEPT")
    judged = (
        "*mangle",
        ":OUTPUT ACCEPT [0:0]",
        *own,
        "-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT",
        f"-A OUTPUT -m mark --mark 0 -j NFQUEUE --queue-num {QUEUE}",
        "COMMIT",
        "*nat",
        ":OUTPUT ACCEPT [0:0]",
        f"-A OUTPUT -p tcp -m mark --mark {ALLOWED} -j REDIRECT --to-ports {port}",
        "COMMIT",
    )
    turned = (
        "*nat",
        ":OUTPUT ACCEPT [0:0]",
        *own,
        f"-A OUTPUT -p tcp -j REDIRECT --to-ports {port}",
        "COMMIT",
    )
    return _text(
        *(judged if queue else turned),
        "*filter",
        ":INPUT DROP [0:0]",
        ":FORWARD DROP [0:0]",
        ":OUTPUT DROP [0:0]",
        "-A INPUT -i lo -j ACCEPT",
        *own,
        "-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT",
        *(_refuse(ipv6=ipv6) if queue else (f"-A OUTPUT -j REJECT --reject-with {_prohibited(ipv6=ipv6)}",)),
        "COMMIT",
    )


def _prohibited(*, ipv6: bool) -> str:
    return "icmp6-adm-prohibited" if ipv6 else "icmp-admin-prohibited"


def _refuse(*, ipv6: bool) -> tuple[str, ...]:
    kind = _prohibited(ipv6=ipv6)
    return (
        f"-A OUTPUT -p tcp -m mark --mark {REFUSED} -j REJECT --reject-with tcp-reset",
        f"-A OUTPUT -m mark --mark {REFUSED} -j REJECT --reject-with {kind}",
    )


def _text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
