"""The trusted process outside that serves one sandbox's network: it starts what is needed, decides, and reports.

It is a child of aigate that dies with it, whatever happens to aigate; then the kernel has nobody to ask and opens
nothing, and slirp4netns ends as well. It has a session of its own, so signals typed at the terminal pass it by.
Until the sandbox may start it imports next to nothing; what answers names is imported while the command starts.
"""

from __future__ import annotations

import marshal
import os
from _signal import SIGKILL, SIGTERM, signal  # type: ignore[import-not-found]  # what `signal` wraps in slow enums
from _socket import CMSG_SPACE, SOL_SOCKET
from _socket import socket as Socket  # noqa: N812
from _struct import iter_unpack
from select import POLLIN, poll

from aigate import _linux, bundle
from aigate.errors import EnforcementError, told
from aigate.host.orphans import are_collected
from aigate.host.waiting import ready
from aigate.network.interfaces import add_ipv6_address, add_ipv6_default
from aigate.network.loading import Namespaces, load_rules, turn
from aigate.network.namespace import DATAGRAMS, OPENED4, OPENED6
from aigate.network.reporting import hand_over, wake_when_told, waking
from aigate.network.slirp import (
    DEVICE,
    IPV6_ADDRESS,
    IPV6_PREFIX,
    IPV6_ROUTER,
    choose_subnet,
    own_addresses,
    start_slirp,
    wait_ready,
)
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from socket import socket

    from aigate.network.dns import Gate, Hold
    from aigate.network.gateway import Gateway
    from aigate.network.inside import Inside
    from aigate.network.judge import Judge
    from aigate.network.plan import NetworkPlan
    from aigate.network.queue import Holds, Queue
    from aigate.network.refusals import NetworkReport, Refusals
    from aigate.network.upstream import Upstream
    from aigate.streams.loop import Loop

FORGET_SECONDS = 60.0
NAMED = (*DATAGRAMS, "streams", "relay4", "relay6", "proxy")
OPENED = (OPENED4, OPENED6)
MOST_MESSAGE = 16384
MOST_DESCRIPTORS = 253  # SCM_MAX_FD
MSG_CMSG_CLOEXEC = 0x40000000


@record
class Ends:
    """The warden's ends. control: to the sandbox's first process. report: to aigate. asks: there, too, or None."""

    control: Socket
    report: int
    asks: Socket | None = None


def run(plan: NetworkPlan, ends: Ends, refusals: Refusals, parent: int) -> None:
    """Be the warden until told to end; never returns.

    Says once whether the network is in force (and the families, or why not and what to do), on SIGTERM the counts.
    """
    _linux.die_with_parent(SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    _linux.restore_signal_mask()
    os.setsid()
    _close_standard_streams()
    warden = Warden(plan, refusals, ends.asks)
    signal(SIGTERM, lambda *_: _end(ends.report, warden))
    try:
        families = warden.start(ends.control)
    except Exception as error:  # noqa: BLE001  # nothing may escape from a forked child
        hint = error.hint if isinstance(error, EnforcementError) else None
        os.write(ends.report, marshal.dumps((False, told(error), hint)))
        warden.stop()
        os._exit(1)
    os.write(ends.report, marshal.dumps((True, families, None)))
    ends.control.close()
    try:
        warden.serve()
    except BaseException as error:  # noqa: BLE001  # nothing may escape from a forked child
        refusals.on_event("net_failed", {"error": _traceback(error)})
    finally:
        os._exit(1)


class Warden:
    """One sandbox's network, as seen by the process that serves it."""

    def __init__(self, plan: NetworkPlan, refusals: Refusals, asks: Socket | None = None) -> None:
        """Start nothing yet. asks: where the user is asked about what no rule names, or None."""
        self._plan = plan
        self._asks = asks
        self._queue: Queue | None = None
        self._refusals = refusals
        self._judge: Judge | None = None
        self._descriptors: dict[str, int] = {}
        self._listeners: list[socket] = []
        self._ready = False
        self._families = "4"  # that have a way out
        self._target = 0
        self._slirp = 0
        self._alive = -1

    def start(self, control: Socket) -> str:
        """Receive the sandbox's sockets, start the way out, and return what is filtered: `46`, `4` or nothing."""
        self._target, self._descriptors = _receive(control)
        if self._plan.ports:
            from aigate.network.forwards import listen_on_host

            self._listeners = listen_on_host(self._plan.ports)
        namespaces = self._namespaces
        if self._plan.way == "slirp":
            return self._start_slirp(namespaces)
        return load_rules(self._plan, namespaces, queue="queue" in self._descriptors)

    @property
    def _namespaces(self) -> Namespaces:
        return Namespaces(self._descriptors["user"], self._descriptors["net"])

    def _start_slirp(self, namespaces: Namespaces) -> str:
        machine = self._plan.machine
        ipv6 = machine.ipv6 and bool(machine.restore6) and "control6" in self._descriptors
        subnet = choose_subnet(self._plan.rules)
        self._slirp, ready, self._alive = start_slirp(machine.slirp or "", self._target, subnet, ipv6=ipv6)
        families = load_rules(self._plan, namespaces, queue=True)
        wait_ready(ready)
        if ipv6 and "6" in families:
            socket = Socket(fileno=self._descriptors["control6"])
            add_ipv6_address(socket, DEVICE, IPV6_ADDRESS, IPV6_PREFIX)
            add_ipv6_default(socket, DEVICE, IPV6_ROUTER)
            socket.detach()
            self._families = "46"
        return families

    def serve(self) -> None:
        """Wait until somebody asks for something, and decide from then on; never returns.

        Many commands ask for nothing, and what decides takes as much memory as all the rest of this process. Packets
        need less of it than names, which are seen to with the first of them.
        """
        named = [number for name, number in self._descriptors.items() if name in NAMED or name.startswith(OPENED)]
        named += [listener.fileno() for listener in self._listeners]
        waker = waking()
        bundle.let_go()
        _wait_for_any((waker, *named, *(number for name, number in self._descriptors.items() if name == "queue")))
        self._decide(named, waker)

    def _decide(self, waiting: list[int], waker: int) -> None:
        """Answer everything from now on. waiting: descriptors by which somebody asks for names. waker: for signals."""
        from aigate.network.hostfiles import RESOLV_CONF, parse_resolv_conf, read
        from aigate.network.judge import Judge
        from aigate.policy.hosts import with_search_domains
        from aigate.streams.loop import Loop

        loop = Loop()
        wake_when_told(loop, waker)
        plan = self._plan
        search = parse_resolv_conf(read(RESOLV_CONF)).search
        rules = with_search_domains(plan.rules, search)
        direct = plan.way == "slirp"
        sources = own_addresses(plan.rules) if direct else ()
        judge = Judge(rules, self._refusals, learning=plan.learning, datagrams=direct, sources=sources, search=search)
        self._judge = judge
        self._watch_packets(loop, judge)

        def prepare(_events: int = 0) -> None:
            while waiting:
                loop.forget(waiting.pop())
            if not self._ready:
                self._ready = True
                self._watch_names(loop, judge)

        for descriptor in tuple(waiting):
            loop.watch(descriptor, prepare)
        _forget_regularly(loop, judge)
        bundle.let_go()
        loop.run()

    def _watch_packets(self, loop: Loop, judge: Judge) -> None:
        from aigate.network.queue import Queue

        if "queue" in self._descriptors:
            socket = Socket(fileno=self._descriptors["queue"])
            self._queue = Queue(socket, judge, gateway=self._plan.way == "gateway")
            self._queue.watch(loop)

    def _watch_ports(self, loop: Loop, inside: Inside) -> None:
        """Carry the single ports that the config names, in both directions."""
        from socket import SOCK_STREAM, socket

        from aigate.network.forwards import forward

        for name in self._descriptors:
            if name.startswith(OPENED):
                forward(loop, self._socket(name), lambda family: socket(family, SOCK_STREAM))
        for listener in self._listeners:
            forward(loop, listener, inside.make)

    def _watch_names(self, loop: Loop, judge: Judge) -> None:
        from aigate.network.dns import Gate, open_real
        from aigate.network.inside import Inside
        from aigate.network.telling import Teller
        from aigate.network.upstream import Upstream

        judge.teller = Teller(self._target)
        upstream, inside = Upstream(loop), Inside(self._namespaces)
        if self._listeners or any(name.startswith(OPENED) for name in self._descriptors):
            self._watch_ports(loop, inside)
        if self._plan.way == "slirp":
            gate = Gate(loop, judge, upstream.resolve, open_real(judge))
            if self._asks is not None:
                self._ask_before_packets(loop, judge, gate, upstream)
        else:
            gateway = self._watch_relay(loop, judge, upstream, inside)
            gate = Gate(loop, judge, gateway.resolve, gateway.lead)
            if self._asks is not None:
                self._ask(loop, judge, gate, gateway.held.hold, gateway.holds)
        for name in DATAGRAMS:
            gate.serve_datagrams(self._socket(name))
        gate.serve_streams(self._socket("streams"))

    def _ask(self, loop: Loop, judge: Judge, gate: Gate, hold: Hold, holds: Holds) -> None:
        """Have the user asked about what no rule names. hold: answers for a name. holds: keeps a packet to it."""
        from aigate.network.asking import Asker

        assert self._asks is not None  # noqa: S101
        judge.asker = Asker(loop, self._asks)
        judge.declined.update(self._plan.declined)
        gate.hold = hold
        if self._queue is not None:
            self._queue.holds = holds

    def _ask_before_packets(self, loop: Loop, judge: Judge, gate: Gate, upstream: Upstream) -> None:
        """Have the user asked where packets leave by themselves."""
        from aigate.network.held import Held, Synthetic
        from aigate.network.turning import Turning

        def have_turned(standing: bytes, real: bytes) -> bool:
            return turn(self._plan, self._namespaces, standing, real)

        turning = Turning(judge, Held(judge, Synthetic()), upstream.resolve, have_turned, self._families)
        turning.open = gate.opened
        self._ask(loop, judge, gate, turning.hold, turning.holds)

    def _watch_relay(self, loop: Loop, judge: Judge, upstream: Upstream, inside: Inside) -> Gateway:
        from aigate.network.gateway import Gateway
        from aigate.network.listening import serve
        from aigate.network.proxy import Proxy

        gateway = Gateway(loop, judge, upstream, self._plan.chain, inside.make)
        for name in ("relay4", "relay6"):
            if name in self._descriptors:
                serve(loop, self._socket(name), gateway.take_redirected)
        serve(loop, self._socket("proxy"), Proxy(gateway).take)
        return gateway

    def _socket(self, name: str) -> socket:
        from socket import socket

        return socket(fileno=self._descriptors[name])

    def stop(self) -> None:
        """End slirp4netns. Who waits for its process waits 20 ms and more: the kernel takes its device apart."""
        if self._slirp:
            os.kill(self._slirp, SIGKILL)
            if not are_collected():
                os.waitpid(self._slirp, 0)

    def report(self) -> NetworkReport:
        """Return what was refused and learned until now."""
        if self._judge is None:
            return self._refusals.report()
        return self._refusals.report(self._judge.learned, self._judge.is_longer_form)


def _receive(control: Socket) -> tuple[int, dict[str, int]]:
    """Return the process id of the sandbox's first process and the descriptors that it hands out, by name."""
    data, ancillary, _, _ = control.recvmsg(MOST_MESSAGE, CMSG_SPACE(4 * MOST_DESCRIPTORS), MSG_CMSG_CLOEXEC)
    _raise_if_failed(data)
    numbers = [
        number for level, _, packed in ancillary if level == SOL_SOCKET for (number,) in iter_unpack("=i", packed)
    ]
    process, *names = data.decode().split()
    return int(process), dict(zip(names, numbers, strict=True))


def _raise_if_failed(data: bytes) -> None:
    if data.startswith(b"!"):
        message, _, hint = data[1:].decode("utf-8", "replace").partition("\t")
        raise EnforcementError(message, hint=hint or None)
    if not data:
        raise EnforcementError("the process that makes the sandbox's network ended too early")


def _wait_for_any(descriptors: Sequence[int]) -> None:
    """Wait until one of them has something to read, or is at its end."""
    waiting = poll()
    for descriptor in descriptors:
        waiting.register(descriptor, POLLIN)
    ready(waiting, None)


def _forget_regularly(loop: Loop, judge: Judge) -> None:
    from time import monotonic

    judge.forget(monotonic())
    loop.later(FORGET_SECONDS, lambda: _forget_regularly(loop, judge))


def _traceback(error: BaseException) -> str:
    from traceback import format_exception

    return "".join(format_exception(error))


def _close_standard_streams() -> None:
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _end(report: int, warden: Warden) -> None:
    """Hand the counts to aigate and end, wherever we are."""
    warden.stop()
    hand_over(warden.report(), report)
    os._exit(0)
