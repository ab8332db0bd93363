"""The way out without slirp4netns: connections end at a relay, which connects on the host by name.

Every allowed name gets an address of its own that exists nowhere else; the rules turn connections to it towards the
relay's sockets (see `firewall.gateway_rules`), and the address tells the name. No packet ever leaves the namespace.
"""

from __future__ import annotations

import sys
from socket import AF_INET, AF_INET6, IPPROTO_TCP, socket
from struct import unpack_from
from time import monotonic, time

from aigate.errors import EnforcementError
from aigate.host.rlimits import OPEN_FILES, UNLIMITED, limits_of, set_limits
from aigate.network.addresses import is_loopback
from aigate.network.chain import is_exempt
from aigate.network.dial import Attempt, Dial
from aigate.network.held import Held, Synthetic
from aigate.network.inspection import Opening, Refused
from aigate.network.nfqueue import Packet
from aigate.network.refusals import Refusal, printable
from aigate.network.tunnels import Tunnel, reset
from aigate.network.upstream import Answer
from aigate.policy.hosts import LOOPBACK, loopback_ports
from aigate.record import replace
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.network.chain import Chain
    from aigate.network.judge import Judge
    from aigate.network.upstream import Upstream
    from aigate.policy.hosts import Ports
    from aigate.streams.loop import Loop

ORIGINAL_DESTINATION = 80  # SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST
SOL_IP, SOL_IPV6 = 0, 41
MOST_DESCRIPTORS = 10240  # OPEN_MAX of macOS, which refuses to be asked for more
CHAINED_TTL = 60


class Gateway:
    """Accepts what the rules turn to it, and what asks for a proxy, and relays it."""

    def __init__(
        self,
        loop: Loop,
        judge: Judge,
        upstream: Upstream,
        chain: Chain | None = None,
        inside: Callable[[int], socket] | None = None,
    ) -> None:
        """Serve nothing yet; take as many descriptors as the system grants.

        chain: the host's own proxy. inside: makes a socket of a family in the sandbox's network, if that is another.
        """
        self.loop = loop
        self.judge = judge
        self.chain = chain
        self._upstream = upstream
        self._inside = inside
        self._synthetic = Synthetic()
        self.held = Held(judge, self._synthetic)
        hard = limits_of(OPEN_FILES)[1]
        if sys.platform != "linux":
            hard = MOST_DESCRIPTORS if hard == UNLIMITED else min(hard, MOST_DESCRIPTORS)
        with suppress(EnforcementError):  # then there are as few as there are
            set_limits(OPEN_FILES, (hard, hard))

    def lead(self, name: str, ports: Ports, answer: Answer, family: int, now: float) -> Answer:
        """Open a synthetic address for a name and put it in the answer's place (see `dns.Gate`)."""
        address = self._synthetic.address(name, family)
        if address is None:
            return replace(answer, addresses=())
        self.judge.admit(name, ports, [address], answer.ttl, now)
        return replace(answer, addresses=(address,))

    def holds(self, packet: Packet, done: Callable[[bool], None]) -> bool:
        """Keep a packet to a name that the user is asked about; `done` is told whether it may pass."""
        name = self.held.name_of(packet, (IPPROTO_TCP,))
        return name is not None and packet.port is not None and self.held.asks(name, packet.port, done)

    def take_redirected(self, connection: socket) -> None:
        """Relay a connection that the rules turned here, to where it was meant to go."""
        try:
            address, port = original_destination(connection)
        except OSError:
            reset(connection)
            return
        packet = Packet(0, IPPROTO_TCP, b"", address, port, 0)
        if not self.holds(packet, lambda allowed: self._relay(connection, address, port, allowed=allowed)):
            self._relay(connection, address, port, allowed=self.judge.allows(packet, monotonic()))

    def _relay(self, connection: socket, address: bytes, port: int, *, allowed: bool) -> None:
        if not allowed:
            reset(connection)
            return
        name = self._synthetic.name(address)
        target = address if name is None else name
        self.connect(connection, target, port, lambda far: self.begin(connection, far, name, port))

    def may_reach(self, address: bytes, port: int) -> bool:
        """Tell whether a packed address may be reached because it, not a name, is allowed."""
        return self.judge.opens(address, port) or self.judge.learns(address, port)

    def connect(self, near: socket, target: str | bytes, port: int, done: Callable[[socket], None]) -> None:
        """Connect on the host to a name or a packed address, then call `done`; the near end sees a failure as reset."""

        def connected(far: socket | None) -> None:
            if far is None:
                reset(near)
            else:
                done(far)

        self.dial(target, port, connected)

    def dial(
        self,
        target: str | bytes,
        port: int,
        done: Callable[[socket | None], None],
        refused: Callable[[bytes], None] | None = None,
        *,
        tunnel: bool = True,
    ) -> None:
        """Connect on the host to a name or a packed address, then call `done` with the socket or None.

        refused: called instead where a name leads only to where it may not, with the first of these packed addresses.
        tunnel: a proxy outside is asked for one; else it is only connected to.
        """
        attempt = Dial(self.loop, self.judge, self._upstream, done, refused or (lambda _address: done(None)))
        if self.is_chained(target):
            assert self.chain is not None  # noqa: S101
            attempt.through(self.chain, target, port, tunnel=tunnel)
        elif isinstance(target, str):
            attempt.name(target, port)
        else:
            attempt.address(target, port)

    def is_loopback(self, target: str | bytes) -> bool:
        """Tell whether a client that speaks of a name or a packed address means its own machine."""
        if isinstance(target, bytes):
            return is_loopback(target)
        if target == LOOPBACK or target.endswith("." + LOOPBACK):
            return True
        known = self._upstream.known(target)
        return known is not None and all(is_loopback(address) for address in known)

    def dial_loopback(self, port: int, done: Callable[[socket | None], None]) -> bool:
        """Connect to a port of the client's own loopback, then call `done`; False where it may not be reached so.

        Where the sandbox has no loopback of its own, that is the host's, of which only named ports are open.
        """
        if self._inside is None and port not in loopback_ports(self.judge.rules):
            return False
        Attempt(self.loop, done, self._inside).loopback(port)
        return True

    def is_chained(self, target: str | bytes) -> bool:
        """Tell whether a name or a packed address is reached through a proxy outside."""
        if self.chain is None or (isinstance(target, bytes) and is_loopback(target)):
            return False
        return not is_exempt(self.chain, target)

    def resolve(self, name: str, family: int, done: Callable[[Answer], None]) -> None:
        """Find a name's addresses (see `Upstream`); what a proxy outside resolves has an address that means nothing."""
        if self.is_chained(name):
            done(Answer(0, (b"\xff" * (4 if family == AF_INET else 16),), CHAINED_TTL, trusted=True))
        else:
            self._upstream.resolve(name, family, done)

    def begin(self, near: socket, far: socket, name: str | None, port: int) -> None:
        """Carry bytes; to a name, only what is meant for that name as far as it can be seen."""
        inspector = None if name is None else Opening(self._judge_shown(name, port), self.refuser(name, port), name)
        Tunnel(self.loop, near, far, inspector).start()

    def _judge_shown(self, name: str, port: int) -> Callable[[str, str | None], None]:
        """Return what an inspector calls with a kind of traffic and the name that it shows."""
        refuse = self.refuser(name, port)

        def judge(kind: str, shown: str | None) -> None:
            if shown is None or not self.judge.is_same_host(shown, name):
                refuse(f"{kind} with {'no server name' if shown is None else f'server name {self._told(shown)}'}")

        return judge

    def _told(self, shown: str) -> str:
        """Return a name that a program shows a server as the log may hold it."""
        return self.judge.refusals.masked(shown) or printable(shown)

    def refuser(self, name: str, port: int) -> Callable[[str], None]:
        """Return what counts a refusal of a connection to a name, for a reason, and ends the connection."""

        def refuse(reason: str) -> None:
            self.judge.refusals.add(Refusal(name, port, "tcp", reason, time()), name)
            raise Refused(reason)

        return refuse


def original_destination(connection: socket) -> tuple[bytes, int]:
    """Return the packed address and the port that a redirected connection was meant for (netfilter's conntrack)."""
    if connection.family == AF_INET6:
        data = connection.getsockopt(SOL_IPV6, ORIGINAL_DESTINATION, 28)
        return data[8:24], unpack_from("!H", data, 2)[0]
    data = connection.getsockopt(SOL_IP, ORIGINAL_DESTINATION, 16)
    return data[4:8], unpack_from("!H", data, 2)[0]
