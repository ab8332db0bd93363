"""Names that the user is asked about, and the addresses that stand for names until it is known where they lead.

Owns these addresses; asks by way of the judge's asker. Connects nothing and looks no name up: names can carry things
out.
"""

from __future__ import annotations

from socket import AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP, inet_pton
from time import monotonic

from aigate.network.firewall import SYNTHETIC_IPV4, SYNTHETIC_IPV6
from aigate.network.upstream import Answer
from aigate.policy.hosts import Ports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.network.judge import Judge
    from aigate.network.nfqueue import Packet

FIRST = 256
MOST_NAMES = 1 << 16
HELD_TTL = 30  # seconds for which `once` holds as well


class Synthetic:
    """The addresses that stand for names. A name keeps its addresses for as long as the sandbox lives."""

    def __init__(self) -> None:
        """Start with no name."""
        self._numbers: dict[str, int] = {}
        self._names: dict[bytes, str] = {}

    def address(self, name: str, family: int) -> bytes | None:
        """Return the address that stands for a name, or None when there are too many names."""
        number = self._numbers.setdefault(name, len(self._numbers) + FIRST)
        if number >= MOST_NAMES + FIRST:
            return None
        start = SYNTHETIC_IPV4[0] if family == AF_INET else SYNTHETIC_IPV6[0]
        packed = inet_pton(family, start)
        address = (int.from_bytes(packed, "big") + number).to_bytes(len(packed), "big")
        self._names[address] = name
        return address

    def name(self, address: bytes) -> str | None:
        """Return the name that an address stands for."""
        return self._names.get(address)


class Held:
    """The names of one run that the user is asked about when they are connected to."""

    def __init__(self, judge: Judge, synthetic: Synthetic) -> None:
        """Ask nothing yet."""
        self._judge, self._synthetic = judge, synthetic

    def hold(self, name: str, family: int, now: float) -> Answer:
        """Return an answer with an address that stands for a name."""
        address = self._synthetic.address(name, family)
        if address is None:
            return Answer(0)
        if not self._judge.names_of(address, now):
            self._judge.admit(name, Ports(), [address], HELD_TTL, now)
        return Answer(0, (address,), HELD_TTL)

    def asks(self, name: str, port: int, done: Callable[[bool], None]) -> bool:
        """Ask the user about a name, if nobody has decided on it; `done` is told whether it may be reached."""
        judge = self._judge
        if judge.asker is None or not judge.may_ask(name):
            return False
        addresses = [a for a in (self._synthetic.address(name, family) for family in (AF_INET, AF_INET6)) if a]
        if all(port in judge.ports_now(address, monotonic()) for address in addresses):
            done(True)
            return True

        def answered(letter: str) -> None:
            allowed = judge.settle(name, port, letter)
            if allowed:  # who has the address already need not ask for it again
                judge.admit(name, Ports(numbers=(port,)), addresses, HELD_TTL, monotonic())
            done(allowed)

        judge.asker.ask(name, port, answered)
        return True

    def name_of(self, packet: Packet, protocols: tuple[int, ...] = (IPPROTO_TCP, IPPROTO_UDP)) -> str | None:
        """Return the name that a packet goes to, None where it goes to none by one of these protocols."""
        known = packet.port is not None and packet.protocol in protocols
        return self._synthetic.name(packet.destination) if known else None
