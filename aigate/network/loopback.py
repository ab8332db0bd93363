"""The network of a sandbox without a network namespace: it can reach loopback alone, and there a proxy of ours.

    network = Loopback(plan)        # the proxy's ports are taken: `ports`
    network.start(on_event, keep)   # the process that serves them is forked here: before any thread exists
    ...
    report = network.close()

The backend's rules let the command connect to `ports` and nowhere else; who does not ask the proxy gets nowhere. It
judges and connects as the gateway of `warden` does, by the same code. For the ways `host` and `none` nothing is done.
"""

from __future__ import annotations

import os
from _signal import SIGTERM, signal  # type: ignore[import-not-found]
from select import select

from aigate.errors import EnforcementError
from aigate.host.descriptors import MOST_DESCRIPTORS, close_all_but
from aigate.network.refusals import NetworkReport, Refusals
from aigate.network.reporting import end_server, hand_over, wake_when_told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from socket import socket
    from typing import NoReturn

    from aigate.network.judge import Judge
    from aigate.network.plan import NetworkPlan
    from aigate.network.refusals import Mask, OnEvent

WAY = "proxy"
START_SECONDS, FORGET_SECONDS = 30.0, 60.0
BACKLOG = 1024
ATTEMPTS = 20
READY = b"R"


class Loopback:
    """One sandbox's network. ports: where its proxy listens, on both loopback addresses."""

    def __init__(self, plan: NetworkPlan) -> None:
        """Take a port, if the plan needs a proxy. Raises EnforcementError when none is to be had."""
        self.plan = plan
        self._listeners = _listen() if plan.way == WAY else []
        self.ports = tuple(dict.fromkeys(listener.getsockname()[1] for listener in self._listeners))
        self._server = 0
        self._report = self._alive = -1

    def start(self, on_event: OnEvent, keep: tuple[int, ...] = (), mask: Mask | None = None) -> None:
        """Start the process that serves the proxy. Raises EnforcementError when it does not come up.

        on_event: called with kind and fields, in that process. keep: descriptors that it needs for that. mask: takes
        the secrets out of a line of text, there too.
        """
        if not self._listeners:
            return
        self._report, report = os.pipe()
        watched, self._alive = os.pipe()
        self._server = os.fork()
        if not self._server:
            try:
                _let_go_of_all_but((report, watched, *(listener.fileno() for listener in self._listeners), *keep))
                _Server(self.plan, self._listeners, report).run(watched, Refusals(on_event, mask))
            finally:
                os._exit(1)
        os.close(report)
        os.close(watched)
        self._close_listeners()
        said = os.read(self._report, 1) if select([self._report], [], [], START_SECONDS)[0] else b""
        if said != READY:
            raise EnforcementError("the proxy that filters hosts could not be started")

    def close(self) -> NetworkReport:
        """End the network and return what it refused; nothing that was started for it is left."""
        self._close_listeners()
        if not self._server:
            return NetworkReport()
        report = end_server(self._server, self._report)
        self._server = 0
        os.close(self._alive)
        return report

    def _close_listeners(self) -> None:
        while self._listeners:
            self._listeners.pop().close()


def _listen() -> list[socket]:
    """Return sockets that listen on one port of both loopback addresses: on neither may another program answer."""
    from socket import AF_INET, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, SOCK_STREAM, has_ipv6, socket

    for _ in range(ATTEMPTS):
        first = socket(AF_INET, SOCK_STREAM)
        first.bind(("127.0.0.1", 0))
        first.listen(BACKLOG)
        if not has_ipv6:
            return [first]
        try:
            second = socket(AF_INET6, SOCK_STREAM)
        except OSError:
            return [first]
        second.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
        try:
            second.bind(("::1", first.getsockname()[1]))
            second.listen(BACKLOG)
        except OSError as error:
            second.close()
            if not _is_taken(error):
                return [first]  # there is no ::1 here
            first.close()
            continue
        return [first, second]
    raise EnforcementError("no port of loopback is free for the proxy that filters hosts")


def _is_taken(error: OSError) -> bool:
    from errno import EADDRINUSE

    return error.errno == EADDRINUSE


class _Server:
    """The process that answers the proxy's clients."""

    def __init__(self, plan: NetworkPlan, listeners: list[socket], report: int) -> None:
        self._plan, self._listeners, self._report = plan, listeners, report
        self._refusals: Refusals | None = None
        self._judge: Judge | None = None

    def run(self, alive: int, refusals: Refusals) -> NoReturn:
        """Serve until told to end, or until aigate is gone."""
        from aigate.network.gateway import Gateway
        from aigate.network.hostfiles import RESOLV_CONF, parse_resolv_conf, read
        from aigate.network.judge import Judge
        from aigate.network.listening import serve
        from aigate.network.proxy import Proxy
        from aigate.network.upstream import Upstream
        from aigate.policy.hosts import with_search_domains
        from aigate.streams.loop import Loop

        os.setsid()
        self._refusals = refusals
        signal(SIGTERM, lambda *_: self._end())
        loop = Loop()
        rules = with_search_domains(self._plan.rules, parse_resolv_conf(read(RESOLV_CONF)).search)
        self._judge = Judge(rules, self._refusals, learning=self._plan.learning, datagrams=False)
        gateway = Gateway(loop, self._judge, Upstream(loop))
        for listener in self._listeners:
            serve(loop, listener, Proxy(gateway).take)
        loop.watch(alive, lambda _events: os._exit(0))
        wake_when_told(loop)
        os.write(self._report, READY)
        loop.run()
        os._exit(1)

    def _end(self) -> NoReturn:
        """Hand the counts to aigate and end, wherever we are."""
        if self._refusals is None:
            os._exit(1)
        judge, refusals = self._judge, self._refusals
        said = refusals.report() if judge is None else refusals.report(judge.learned, judge.is_longer_form)
        hand_over(said, self._report)
        os._exit(0)


def _let_go_of_all_but(kept: tuple[int, ...]) -> None:
    """Close what this process inherited and does not need; the standard streams become /dev/null."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    close_all_but(kept, MOST_DESCRIPTORS)
