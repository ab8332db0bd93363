"""Which way the sandbox's network goes. Pure: what this machine has comes in as data, so every case can be tested.

The ways: `host` (allow_net is absent: the host's own network), `none` (an empty list: nothing but loopback), `slirp`
(slirp4netns carries the packets that the judge allows) and `gateway` (a relay connects by name; no packet leaves).
"""

from __future__ import annotations

import os

from aigate.config.model import Entry
from aigate.errors import EnforcementError
from aigate.policy.hosts import LOOPBACK, HostRule
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.network.chain import Chain

OWN_LOOPBACK = HostRule(Entry("localhost", "", 0), name=LOOPBACK)  # what is there anyway, and opens nothing
MODES = ("auto", "slirp", "gateway")
TUN = "/dev/net/tun"
IF_INET6 = "/proc/net/if_inet6"


@record
class Machine:
    """What this machine offers. slirp: path of slirp4netns or None. tun: /dev/net/tun can be opened.

    restore4, restore6: paths of iptables-restore programs to try in turn. ipv6: the host has an IPv6 address that
    reaches further than its own link.
    """

    slirp: str | None
    tun: bool
    restore4: tuple[str, ...]
    restore6: tuple[str, ...]
    ipv6: bool


@record
class NetworkPlan:
    """How one run's network is made. way: see the module. learning: allow every name and remember it.

    reason: why it is the gateway where slirp4netns would have been taken, or "". chain: the proxy that the host is
    behind, which the gateway uses. ports: of the sandbox's loopback that are to be reached on the host's. asking: the
    user is asked about hosts that no rule names, but for those that are declined.
    """

    way: str
    rules: tuple[HostRule, ...] = ()
    machine: Machine = Machine(None, False, (), (), False)
    learning: bool = False
    reason: str = ""
    chain: Chain | None = None
    ports: tuple[int, ...] = ()
    asking: bool = False
    declined: tuple[str, ...] = ()


def _untried(_machine: Machine) -> str:
    return ""


def plan_network(
    rules: tuple[HostRule, ...] | None,
    mode: str,
    look: Callable[[], Machine],
    *,
    learning: bool = False,
    trial: Callable[[Machine], str] = _untried,
    chain: Chain | None = None,
    ports: tuple[int, ...] = (),
    asking: bool = False,
) -> NetworkPlan:
    """Choose the way. rules: None unrestricted, () nothing. mode: `auto`, `slirp` or `gateway`.

    look: tells what this machine has; called only where it matters. trial: tells why slirp4netns' way does not work
    here though everything is there, or ""; called only for `auto`. chain: the proxy that the host is behind. ports: of
    the sandbox's loopback that are to be reached on the host's; they need a way even where nothing else may be reached.

    asking: the user is asked about other hosts.

    Raises EnforcementError when a way was asked for that this machine does not have.
    """
    if learning:
        rules = tuple(rule for rule in rules or () if rule.name == LOOPBACK)
    elif rules is None:
        if asking:
            raise EnforcementError(
                "--ask does not work here: every host can be reached anyway", hint="set allow_net: []"
            )
        return NetworkPlan("host")
    elif not rules and not ports and not asking:
        return NetworkPlan("none")
    elif not rules:
        rules = (OWN_LOOPBACK,)
    machine = look()
    missing = missing_for_slirp(machine)
    if mode == "slirp" and missing is not None:
        raise EnforcementError(f"network: slirp needs {missing[0]}", hint=f"{missing[1]}, or set network: gateway")
    if mode == "slirp":
        return NetworkPlan("slirp", rules, machine, learning, ports=ports, asking=asking)
    reason = ""
    if mode == "auto":
        proxied = f"the way out is the proxy {chain.host}:{chain.port}" if chain is not None else ""
        reason = proxied or (f"slirp4netns needs {missing[0]}" if missing is not None else trial(machine))
    way = "gateway" if reason or mode == "gateway" else "slirp"
    return NetworkPlan(way, rules, machine, learning, reason, chain if way == "gateway" else None, ports, asking)


def missing_for_slirp(machine: Machine) -> tuple[str, str] | None:
    """Return what slirp4netns lacks here and what to do about it, or None."""
    if machine.slirp is None:
        return "slirp4netns, which is not installed", "install the package slirp4netns"
    if not machine.tun:
        return f"{TUN}, which cannot be opened", f"make {TUN} readable and writable"
    if not machine.restore4:
        return "iptables-restore, which is not installed", "install the package iptables"
    return None


def look_at_machine(find_tool: Callable[[str], str | None]) -> Machine:
    """Look at what this machine offers; reads two small files and starts nothing.

    iptables-legacy comes first: where the kernel still has it, it loads rules ten times as fast as the nft one.
    """
    restore4 = tuple(path for kind in ("-legacy", "-nft", "") if (path := find_tool(f"iptables{kind}-restore")))
    restore6 = tuple(path for kind in ("-legacy", "-nft", "") if (path := find_tool(f"ip6tables{kind}-restore")))
    return Machine(find_tool("slirp4netns"), os.access(TUN, os.R_OK | os.W_OK), restore4, restore6, _has_ipv6())


def _has_ipv6() -> bool:
    """Tell whether an interface other than lo has an address of global scope (proc(5): the fourth field is 00)."""
    try:
        with open(IF_INET6, encoding="ascii") as file:
            rows = [line.split() for line in file]
    except OSError:
        return False
    return any(row[3] == "00" and row[5] != "lo" for row in rows)
