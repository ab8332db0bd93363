"""Asks the host's own name servers. Owns the sockets towards them; knows nothing about what is allowed.

dnspython reads and writes the messages (RFC 1035, RFC 6891). Every question has a socket of its own, so its source port
is as hard to guess as its number (RFC 5452). hosts(5) comes before DNS, as on the host. Who asks what is being asked,
or was answered a moment ago, shares that answer; what is too much at once waits its turn.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from errno import EMFILE, ENFILE
from socket import AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM, if_nametoindex, socket
from time import monotonic
from typing import Generic, TypeVar

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from aigate.network.hostfiles import HOSTS, RESOLV_CONF, ResolvConf, load, parse_hosts, parse_resolv_conf
from aigate.record import record, replace
from aigate.streams.loop import EPOLLIN, EPOLLOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.streams.loop import Loop, Timer

PORT = 53
TRY_SECONDS = 2.0
PATIENT_SECONDS = 5.0  # where no other server would be asked meanwhile, as the C library does
EXTENDED_SECONDS = 1.0  # before those, for the question with EDNS
PAUSE_SECONDS = 0.1  # until there may be descriptors again
ROUNDS = 2
MOST_QUESTIONS = 256  # at once; an agent may ask as fast as it likes
MOST_WAITING = 8192
KEPT_SECONDS = 5
MOST_KEPT = 1024
PAYLOAD = 1232
HOSTS_TTL = 30
MOST_REPLY = 65535
LARGEST_TTL = 86400


@record
class Answer:
    """What a name leads to. rcode: DNS response code. addresses: packed, of the family asked for.

    ttl: seconds, the least in the chain. trusted: from the host's own hosts file, not from a name server.
    """

    rcode: int
    addresses: tuple[bytes, ...] = ()
    ttl: int = 0
    trusted: bool = False


Parsed = TypeVar("Parsed")
FAILED = Answer(dns.rcode.SERVFAIL)


class Upstream:
    """Resolves names as the host would."""

    def __init__(self, loop: Loop) -> None:
        """Read nothing yet: the files are looked at when a question comes, and again when they have changed."""
        self._loop = loop
        self._asking: dict[tuple[str, int], list[Callable[[Answer], None]]] = {}
        self._waiting: deque[tuple[str, int]] = deque()
        self._kept: dict[tuple[str, int], tuple[Answer, float]] = {}
        self._plain: set[str] = set()
        self._conf = _Cached(RESOLV_CONF, parse_resolv_conf)
        self._hosts = _Cached(HOSTS, parse_hosts)

    def resolve(self, name: str, family: int, done: Callable[[Answer], None]) -> None:
        """Find a name's addresses of one family and call `done` once; FAILED when no server answers in time."""
        known = self.known(name)
        if known is not None:
            size = 4 if family == AF_INET else 16
            done(Answer(dns.rcode.NOERROR, tuple(a for a in known if len(a) == size), HOSTS_TTL, trusted=True))
            return
        kept = self._recent(name, family)
        if kept is not None:
            done(kept)
        elif (name, family) in self._asking:
            self._asking[name, family].append(done)
        elif len(self._waiting) >= MOST_WAITING:
            done(FAILED)
        else:
            self._asking[name, family] = [done]
            self._waiting.append((name, family))
            self._ask_next()

    def known(self, name: str) -> tuple[bytes, ...] | None:
        """Return the packed addresses that the hosts file gives a name, or None."""
        return self._hosts.value().get(name)

    def _ask_next(self) -> None:
        while self._waiting and len(self._asking) - len(self._waiting) < MOST_QUESTIONS:
            self._ask(*self._waiting.popleft())

    def _ask(self, name: str, family: int) -> None:
        """Ask once, for all who wait: who could make many questions for a name could have one of them guessed."""

        def answered(answer: Answer) -> None:
            self._keep(name, family, answer)
            for waiting in self._asking.pop((name, family)):
                waiting(answer)
            self._ask_next()

        conf = self._conf.value()
        kind = dns.rdatatype.A if family == AF_INET else dns.rdatatype.AAAA
        _Question(self._loop, name, kind, conf, plain=self._plain, done=answered).ask()

    def _keep(self, name: str, family: int, answer: Answer) -> None:
        """Remember an answer for as long as it says, but a few seconds at most: a burst comes to one question."""
        if answer.ttl > 0:
            self._kept.pop((name, family), None)
            if len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[name, family] = (answer, monotonic())

    def _recent(self, name: str, family: int) -> Answer | None:
        answer, since = self._kept.get((name, family), (FAILED, 0.0))
        age = monotonic() - since
        if age >= min(answer.ttl, KEPT_SECONDS):
            return None
        return replace(answer, ttl=max(1, answer.ttl - int(age)))


class _Cached(Generic[Parsed]):
    """A file's parsed content, read again when the file is another one than before."""

    def __init__(self, path: str, parse: Callable[[str], Parsed]) -> None:
        self._path = path
        self._parse = parse
        self._seen: object = None
        self._value = parse("")

    def value(self) -> Parsed:
        try:
            status = os.stat(self._path)
            seen: object = (status.st_mtime_ns, status.st_ino, status.st_size)
        except OSError:
            seen = None
        if seen != self._seen:
            with contextlib.suppress(OSError):  # out of descriptors, say: what was known stays
                self._value = self._parse("" if seen is None else load(self._path))
                self._seen = seen
        return self._value


class _Question:
    """One question on its way through the servers, by UDP, then by TCP where the answer did not fit.

    Old servers, and boxes in front of them, refuse a question with EDNS, or never answer it (RFC 6891, section 7), and
    the C library asks without. So is each server that does not answer well asked again without, and remembered in
    `plain` if that helped.
    """

    def __init__(
        self,
        loop: Loop,
        name: str,
        kind: dns.rdatatype.RdataType,
        conf: ResolvConf,
        *,
        plain: set[str],
        done: Callable[[Answer], None],
    ) -> None:
        self._loop = loop
        self._name = name
        self._kind = kind
        self._servers = list(conf.nameservers * ROUNDS)
        alone = len(conf.nameservers) == 1
        self._patient = {ROUNDS} if alone else set(range(len(conf.nameservers) + 1))  # while as many are left
        self._stream = conf.stream
        self._plain = plain
        self._done = done
        self._extended = False
        self._query: dns.message.Message
        self._socket: socket | None = None
        self._timer: Timer | None = None
        self._buffer = b""
        self._last = FAILED

    def ask(self) -> None:
        """Ask the next server; out of servers is an answer too."""
        self._close()
        if self._servers:
            self._put(extended=self._servers[0] not in self._plain)
        else:
            self._done(self._last)

    def _put(self, *, extended: bool) -> None:
        """Put the question to the present server, with EDNS or without."""
        self._close()
        self._extended = extended
        edns = 0 if extended else False
        self._query = dns.message.make_query(self._name + ".", self._kind, use_edns=edns, payload=PAYLOAD)
        if self._stream:
            self._ask_by_stream()
            return
        try:
            self._open(SOCK_DGRAM)
            assert self._socket is not None  # noqa: S101
            self._socket.send(self._query.to_wire())
        except OSError as error:
            if error.errno in (EMFILE, ENFILE):
                self._close()
                self._timer = self._loop.later(PAUSE_SECONDS, lambda: self._put(extended=extended))
            else:
                self._give_up_server()
            return
        self._loop.watch(self._socket.fileno(), self._receive)

    def _open(self, kind: int) -> None:
        server, _, zone = self._servers[0].partition("%")
        seconds = PATIENT_SECONDS if len(self._servers) in self._patient else TRY_SECONDS
        seconds = EXTENDED_SECONDS if self._extended and kind == SOCK_DGRAM else seconds
        self._timer = self._loop.later(seconds, self._try_otherwise)
        self._socket = socket(AF_INET6 if ":" in server else AF_INET, kind)
        self._socket.setblocking(False)
        place = (server, PORT, 0, int(zone) if zone.isdecimal() else if_nametoindex(zone)) if zone else (server, PORT)
        with contextlib.suppress(BlockingIOError):
            self._socket.connect(place)

    def _try_otherwise(self) -> None:
        """Ask the present server without EDNS if that is not what it was asked, else the next one."""
        if self._extended:
            self._put(extended=False)
        else:
            self._give_up_server()

    def _give_up_server(self) -> None:
        self._servers.pop(0)
        self.ask()

    def _receive(self, _events: int) -> None:
        assert self._socket is not None  # noqa: S101
        try:
            data = self._socket.recv(MOST_REPLY)
        except BlockingIOError:
            return
        except OSError:
            self._give_up_server()
            return
        try:
            reply = dns.message.from_wire(data, ignore_trailing=True)
        except (dns.exception.DNSException, ValueError):
            return
        if not self._query.is_response(reply):
            return
        if reply.flags & dns.flags.TC:
            self._ask_by_stream()
        else:
            self._take(reply)

    def _take(self, reply: dns.message.Message) -> None:
        answer = read_answer(reply, self._kind)
        if answer.rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            self._last = answer
            self._try_otherwise()
            return
        if not self._extended:
            self._plain.add(self._servers[0])
        self._close()
        self._done(answer)

    def _ask_by_stream(self) -> None:
        self._close()
        self._buffer = b""
        try:
            self._open(SOCK_STREAM)
        except OSError:
            self._give_up_server()
            return
        assert self._socket is not None  # noqa: S101
        self._loop.watch(self._socket.fileno(), self._send_by_stream, EPOLLOUT)

    def _send_by_stream(self, _events: int) -> None:
        assert self._socket is not None  # noqa: S101
        wire = self._query.to_wire()
        try:
            self._socket.send(len(wire).to_bytes(2, "big") + wire)
        except OSError:
            self._give_up_server()
            return
        self._loop.watch(self._socket.fileno(), self._receive_by_stream, EPOLLIN)

    def _receive_by_stream(self, _events: int) -> None:
        assert self._socket is not None  # noqa: S101
        try:
            data = self._socket.recv(MOST_REPLY)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._buffer += data
        whole = len(self._buffer) >= 2 and len(self._buffer) >= 2 + int.from_bytes(self._buffer[:2], "big")  # noqa: PLR2004
        if not data or (whole and not self._take_stream()):
            self._give_up_server()

    def _take_stream(self) -> bool:
        length = int.from_bytes(self._buffer[:2], "big")
        try:
            reply = dns.message.from_wire(self._buffer[2 : 2 + length])
        except (dns.exception.DNSException, ValueError):
            return False
        if not self._query.is_response(reply):
            return False
        self._take(reply)
        return True

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._socket is not None:
            self._loop.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None


def read_answer(reply: dns.message.Message, kind: dns.rdatatype.RdataType) -> Answer:
    """Follow a reply's CNAME chain and return the addresses at its end; a chain in circles is a server failure."""
    if not isinstance(reply, dns.message.QueryMessage) or reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return Answer(reply.rcode() or dns.rcode.SERVFAIL)
    try:
        chain = reply.resolve_chaining()
    except (dns.exception.DNSException, ValueError):
        return FAILED
    if chain.answer is None:
        return Answer(reply.rcode())
    addresses = tuple(dict.fromkeys(data.to_wire() for data in chain.answer if data.rdtype == kind))
    ttl = max(0, min(chain.minimum_ttl, LARGEST_TTL))
    return Answer(dns.rcode.NOERROR, tuple(a for a in addresses if a is not None), ttl)
