"""`--ask` where packets leave by slirp4netns: what an address that stands for a name is turned to after a yes.

The first packet to such an address is held before the kernel looks at the rules that turn addresses (`nat`). When the
user has agreed, the name is looked up, a rule is put there, and the packet goes on: to a real address, which is judged
as any other. Decides nothing; owns which addresses are turned to which.
"""

from __future__ import annotations

from socket import AF_INET, AF_INET6

from aigate.network.upstream import Answer
from aigate.policy.hosts import Ports, ports_of_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.network.held import Held
    from aigate.network.judge import Judge
    from aigate.network.nfqueue import Packet

    Resolve = Callable[[str, int, Callable[[Answer], None]], None]
    Open = Callable[[str, Ports, Answer, int], Answer | None]
    Turn = Callable[[bytes, bytes], bool]


class Turning:
    """The addresses of one sandbox that stand for names that the user is asked about."""

    def __init__(self, judge: Judge, held: Held, resolve: Resolve, turn: Turn, families: str) -> None:
        """Turn nothing yet. turn: has the kernel do it. families: those that have a way out, `46` or `4`."""
        self._judge, self._held, self._resolve, self._turn = judge, held, resolve, turn
        self._families = [family for family, name in ((AF_INET, "4"), (AF_INET6, "6")) if name in families]
        self._turned: dict[bytes, bytes] = {}
        self.open: Open = lambda *_: None  # opens the addresses of an answer, as far as they may be reached

    def hold(self, name: str, family: int, now: float) -> Answer:
        """Return an answer with an address that stands for a name; none of a family that leads nowhere."""
        return self._held.hold(name, family, now) if family in self._families else Answer(0)

    def holds(self, packet: Packet, done: Callable[[bool], None]) -> bool:
        """Keep a packet to a name that the user is asked about; `done` is told whether it may pass."""
        name = self._held.name_of(packet)
        port = packet.port
        if name is None or port is None:
            return False

        def decided(allowed: bool) -> None:
            if allowed:
                self._lead(name, port, packet.destination, done)
            else:
                done(False)

        if self._held.asks(name, port, decided):
            return True
        if port not in ports_of_name(self._judge.rules, name):
            return False
        decided(True)
        return True

    def _lead(self, name: str, port: int, address: bytes, done: Callable[[bool], None]) -> None:
        """Turn an address to one that its name leads to now, unless it is already."""
        family = AF_INET if len(address) == 4 else AF_INET6  # noqa: PLR2004

        def answered(answer: Answer) -> None:
            # For as short as a yes for once holds: each new connection comes here.
            short = Answer(answer.rcode, answer.addresses, 0, answer.trusted)
            fit = self.open(name, Ports(numbers=(port,)), short, family)
            real = fit.addresses if fit is not None else ()
            if real and self._turned.get(address) not in real:
                if not self._turn(address, real[0]):
                    real = ()
                else:
                    self._turned[address] = real[0]
            done(bool(real))

        self._resolve(name, family, answered)
