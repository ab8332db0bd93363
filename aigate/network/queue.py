"""Brings the kernel's questions about packets to the judge and his verdicts back. Decides nothing."""

from __future__ import annotations

from time import monotonic

from aigate.network import firewall, nfqueue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Callable

    from aigate.network.judge import Judge
    from aigate.network.nfqueue import Packet
    from aigate.streams.loop import Loop

    Holds = Callable[[Packet, Callable[[bool], None]], bool]

BATCH = 64
MSG_DONTWAIT = 0x40
LARGEST_READ = 65536


class Queue:
    """Serves one packet queue. gateway: what is allowed is marked too, for the rule that turns it to the relay."""

    def __init__(self, socket: socket, judge: Judge, *, gateway: bool) -> None:
        """Serve nothing yet."""
        self._socket = socket
        self._judge = judge
        self._gateway = gateway
        self.holds: Holds | None = None  # keeps a packet that the user is asked about

    def watch(self, loop: Loop) -> None:
        """Decide whenever a packet waits."""
        loop.watch(self._socket.fileno(), self._serve)

    def _serve(self, _events: int) -> None:
        for _ in range(BATCH):  # other sockets have their turn even in a flood
            try:
                data = self._socket.recv(LARGEST_READ, MSG_DONTWAIT)
            except OSError:
                return
            now = monotonic()
            for packet in nfqueue.packets(data):
                if self.holds is None or not self.holds(packet, self._decider(packet)):
                    self._decide(packet, allowed=self._judge.allows(packet, now))

    def _decider(self, packet: Packet) -> Callable[[bool], None]:
        return lambda allowed: self._decide(packet, allowed=allowed)

    def _decide(self, packet: Packet, *, allowed: bool) -> None:
        mark = firewall.REFUSED if not allowed else firewall.ALLOWED if self._gateway else 0
        self._socket.send(nfqueue.verdict(firewall.QUEUE, packet.number, accept=allowed, mark=mark))
