"""Who may be reached, right now. Owns the addresses that allowed names lead to, and decides on names and packets.

Reads no packet and answers no question itself: `dns`, `queue` and `gateway` ask it. Times are seconds on the monotonic
clock, handed in, so that every rule about time can be tested without waiting.
"""

from __future__ import annotations

from _socket import IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP
from time import time

from aigate.config.model import Entry
from aigate.network.addresses import is_loopback, is_own, is_private, text_of
from aigate.network.refusals import MOST_KINDS, Refusal, explanation, is_remedy
from aigate.policy.hosts import LOOPBACK, HostRule, Ports, normal_name, ports_of_address, ports_of_name
from aigate.record import record
from aigate.streams.questions import ALWAYS, NEVER, ONCE, RUN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from aigate.network.asking import Asker
    from aigate.network.nfqueue import Packet
    from aigate.network.refusals import Refusals
    from aigate.network.telling import Teller

LEAST_SECONDS = 30
SLACK_SECONDS = 5  # a client may use an answer until its very last second
MOST_SECONDS = 3600
MOST_ADDRESSES = 4096
MOST_NAMES = 64  # that lead to one address
IPPROTO_ICMPV6 = 58
PROTOCOLS = {IPPROTO_TCP: "tcp", IPPROTO_UDP: "udp", IPPROTO_ICMP: "icmp", IPPROTO_ICMPV6: "icmp"}
DNS_PORTS = (53, 853)


@record
class Grant:
    """What one name opened: its ports, until a moment of the monotonic clock."""

    ports: Ports
    until: float


class Judge:
    """Decides by the rules of one run.

    learning: everything is allowed and remembered, except what leads back to this machine.
    datagrams: the way out can carry UDP. sources: packed addresses that packets may come from; empty: any. search:
    domains that resolvers append to what they do not find.
    """

    def __init__(
        self,
        rules: tuple[HostRule, ...],
        refusals: Refusals,
        *,
        learning: bool = False,
        datagrams: bool = True,
        sources: tuple[bytes, ...] = (),
        search: tuple[str, ...] = (),
    ) -> None:
        """Start with no name looked up."""
        self.rules = rules
        self.refusals = refusals
        self.learning = learning
        self._datagrams = datagrams
        self._sources = sources
        self._search = search
        self._asked: dict[str, None] = {}
        self._grants: dict[bytes, dict[str, Grant]] = {}
        self._learned: dict[str, None] = {}
        self.asker: Asker | None = None
        self.teller: Teller | None = None
        self.declined: set[str] = set()  # what the user is not asked about any more

    def may_ask(self, name: str) -> bool:
        """Tell whether the user is asked about a name: no rule names it, and it can be shown as it is."""
        normal = normal_name(name)
        if self.asker is None or normal is None or not is_remedy(normal):
            return False
        if normal in self.declined or any(base in self.declined for base in self._bases(normal)):
            return False
        return not ports_of_name(self.rules, normal) and self.refusals.masked(normal, name) is None

    def settle(self, name: str, port: int, letter: str) -> bool:
        """Take in what the user has answered about a name and a port, and tell whether it may be reached."""
        if letter in (RUN, ALWAYS):
            self.rules = (*self.rules, HostRule(Entry(name, "--ask", 0), name=name, port=port))
        elif letter != ONCE:
            self.refuse_name(name, "not allowed when asked", offered=True)
            if letter == NEVER:
                self.declined.add(name)
        return letter in (ONCE, RUN, ALWAYS)

    @property
    def learned(self) -> tuple[str, ...]:
        """Return what a learning run was asked for, in order: names, and addresses that no name led to."""
        return tuple(what for what in self._learned if not self.is_longer_form(what))

    def ports_of(self, name: str) -> Ports:
        """Return what is open to a name that is asked for; nothing open is a refusal."""
        normal = normal_name(name)
        if normal is not None and len(self._asked) < MOST_KINDS:
            self._asked[normal] = None
        if self.learning:
            if normal is not None and is_remedy(normal):
                self._learn(normal, name)
            return Ports(every=normal is not None)
        ports = ports_of_name(self.rules, name)
        if not ports:
            self.refuse_name(name, "name not allowed", offered=normal is not None and is_remedy(normal))
        return ports

    def refuse_name(self, name: str, reason: str, *, offered: bool = False) -> None:
        """Count a name that was refused. offered: to allow it would help."""
        normal = normal_name(name)
        refusal = Refusal(normal or name, None, "dns", reason, time(), remedy=normal if offered else None)
        self.refusals.add(refusal, name)

    def refuse_answer(self, name: str, address: bytes) -> None:
        """Count an allowed name that leads to an address where it must not lead."""
        reason, remedy = answer_refused(name, address)
        if remedy is None:
            self.refuse_name(name, reason)
            return
        self.refusals.add(Refusal(normal_name(name) or name, None, "dns", reason, time(), remedy=remedy), name)

    def is_longer_form(self, name: str) -> bool:
        """Tell whether a resolver made this name by itself, of one that was asked for too and of a search domain.

        A name of one label works in no other form than the longer one.
        """
        return any("." in base and base in self._asked for base in self._bases(name))

    def _bases(self, name: str) -> Iterator[str]:
        """Yield what a name may have been made of with a search domain."""
        return (name[: -len(domain) - 1] for domain in self._search if name.endswith(f".{domain}"))

    def is_same_host(self, shown: str, name: str) -> bool:
        """Tell whether a name that a program shows a server is the one that it was resolved as."""
        normal = normal_name(shown)
        return normal is not None and any(
            name == form for form in (normal, *(f"{normal}.{domain}" for domain in self._search))
        )

    def may_lead_to(self, address: bytes, *, trusted: bool = False) -> bool:
        """Tell whether an allowed name may lead to this address. trusted: by root's word, not by a name server's."""
        if is_loopback(address):
            return False
        return trusted or not (is_private(address) or is_own(address)) or bool(ports_of_address(self.rules, address))

    def opens(self, address: bytes, port: int) -> bool:
        """Tell whether an address may be reached because it, not a name, is allowed; loopback never may."""
        return not is_loopback(address) and port in ports_of_address(self.rules, address)

    def admit(self, name: str, ports: Ports, addresses: list[bytes], ttl: int, now: float) -> None:
        """Open addresses that a name leads to, for the answer's time to live (seconds, at least 30)."""
        until = now + min(max(ttl + SLACK_SECONDS, LEAST_SECONDS), MOST_SECONDS)
        if len(self._grants) >= MOST_ADDRESSES:
            self.forget(now)
        for address in addresses:
            if address in self._grants or len(self._grants) < MOST_ADDRESSES:
                names = self._grants.setdefault(address, {})
                names.pop(name, None)
                if len(names) >= MOST_NAMES:  # a wildcard has any number of names; the oldest one is asked for again
                    del names[next(iter(names))]
                names[name] = Grant(ports, until)

    def forget(self, now: float) -> None:
        """Drop every grant whose time is over."""
        for address, names in list(self._grants.items()):
            for name in [name for name, grant in names.items() if grant.until <= now]:
                del names[name]
            if not names:
                del self._grants[address]

    def names_of(self, address: bytes, now: float) -> tuple[str, ...]:
        """Return the names that lead to an address at this moment."""
        return tuple(name for name, grant in self._grants.get(address, {}).items() if grant.until > now)

    def ports_now(self, address: bytes, now: float) -> Ports:
        """Return the ports that names open at an address at this moment."""
        grants = [grant.ports for grant in self._grants.get(address, {}).values() if grant.until > now]
        return Ports(any(ports.every for ports in grants), tuple(port for ports in grants for port in ports.numbers))

    def allows(self, packet: Packet, now: float) -> bool:
        """Decide on the first packet of something new; a refusal is counted."""
        if packet.port is None:
            address = text_of(packet.destination) if packet.destination else "?"
            protocol = PROTOCOLS.get(packet.protocol, str(packet.protocol))
            self.refusals.add(Refusal(address, None, protocol, "protocol not allowed", time(), packet.length))
            return False
        if packet.protocol == IPPROTO_UDP and not self._datagrams:
            reason = "the gateway carries no UDP, which network: slirp does"
            self.refusals.add(Refusal(text_of(packet.destination), packet.port, "udp", reason, time(), packet.length))
            return False
        if is_loopback(packet.destination) or (self._sources and packet.source not in self._sources):
            self._refuse(packet, packet.port, ())
            return False
        if (
            self.opens(packet.destination, packet.port)
            or packet.port in self.ports_now(packet.destination, now)
            or self.learns(packet.destination, packet.port)
        ):
            return True
        self._refuse(packet, packet.port, self.names_of(packet.destination, now))
        return False

    def learns(self, address: bytes, port: int) -> bool:
        """Allow and remember an address that no name led to, if this run is learning."""
        if not self.learning or port in DNS_PORTS or is_private(address) or is_own(address):
            return False
        self._learn(_endpoint(address, port))
        return True

    def _learn(self, what: str, asked: str = "") -> None:
        """Remember what was asked for; a name that holds a secret is as good as its mask, and no more."""
        if len(self._learned) < MOST_KINDS:
            self._learned[self.refusals.masked(what, asked) or what] = None

    def allows_endpoint(self, name: str, port: int) -> bool:
        """Decide on a name and a port that are asked for together, as of a proxy; a refusal is counted."""
        ports = self.ports_of(name)
        if ports and port not in ports:
            refusal = Refusal(name, port, "tcp", "port not allowed", time(), remedy=f"{name}:{port}")
            self.refusals.add(refusal, name)
        return port in ports

    def remedy(self, target: str | bytes, port: int) -> str | None:
        """Return what to allow so that a name or a packed address is reached on a port, or None if nothing helps."""
        if isinstance(target, bytes):
            return None if port in DNS_PORTS else _remedy(target, port, "tcp")
        if ports_of_name(self.rules, target):
            return f"{target}:{port}"
        return target if is_remedy(target) else None

    def tell_name(self, name: str, port: int) -> None:
        """Tell who has asked for a name, from a port of its own, that it is refused, where to allow it would help."""
        normal = normal_name(name)
        if self.teller is None or normal is None or not is_remedy(normal) or self.is_longer_form(normal):
            return
        if self.refusals.masked(normal, name) is None:
            self.teller.name(port, explanation(normal, normal))

    def tell_answer(self, name: str, address: bytes, port: int) -> None:
        """Tell who has asked for an allowed name, from a port of its own, that it may not lead to a packed address."""
        if self.teller is not None and self.refusals.masked(name, name) is None:
            why, remedy = answer_refused(name, address)
            self.teller.name(port, explanation(name, remedy, why))

    def refuse_endpoint(self, address: bytes, port: int) -> None:
        """Count a packed address and a port that were refused without a packet."""
        self.refusals.add(
            Refusal(text_of(address), port, "tcp", _reason(port), time(), remedy=self.remedy(address, port))
        )

    def _refuse(self, packet: Packet, port: int, names: tuple[str, ...]) -> None:
        address = packet.destination
        subject = names[0] if names else text_of(address)
        reason = "port not allowed" if names or ports_of_address(self.rules, address) else _reason(port)
        protocol = PROTOCOLS.get(packet.protocol, str(packet.protocol))
        remedy = f"{subject}:{port}" if names else _remedy(address, port, protocol)
        offered = None if port in DNS_PORTS or self._is_foreign(packet) else remedy
        self.refusals.add(Refusal(subject, port, protocol, reason, time(), packet.length, offered))

    def _is_foreign(self, packet: Packet) -> bool:
        """Tell whether a packet comes from an address that is not the sandbox's own: nothing would let it pass."""
        return bool(self._sources) and packet.source not in self._sources and not is_loopback(packet.destination)


def answer_refused(name: str, address: bytes) -> tuple[str, str | None]:
    """Return why an allowed name's packed address is none that it may lead to, and what to allow so that it may."""
    shown = text_of(address)
    if is_loopback(address):
        return f"leads to the loopback address {shown}", None
    return f"leads to the private address {shown}", f"{name} {shown}"


def _reason(port: int) -> str:
    return "name server not allowed" if port in DNS_PORTS else "address not allowed"


def _remedy(address: bytes, port: int, protocol: str) -> str | None:
    """Return what to allow so that an address is reached; None where nothing helps, as for multicast and broadcast."""
    if is_loopback(address):
        return f"{LOOPBACK}:{port}" if protocol == "tcp" else None
    return _endpoint(address, port) if _is_reachable(address) else None


def _is_reachable(address: bytes) -> bool:
    return bool(address) and address[0] < (224 if len(address) == 4 else 255)  # noqa: PLR2004


def _endpoint(address: bytes, port: int) -> str:
    text = text_of(address)
    return f"[{text}]:{port}" if ":" in text else f"{text}:{port}"
