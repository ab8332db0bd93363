"""The sandbox's only resolver. Owns the answers that its questions get; resolves nothing itself.

Only addresses (A, AAAA) of allowed names are ever asked for outside; any other question dies here, so names cannot
carry data out. What is refused is answered NXDOMAIN (with the extended error "blocked", RFC 8914, for who understands
it): some resolvers retry a REFUSED until they time out, none retries an NXDOMAIN.
"""

from __future__ import annotations

from contextlib import suppress
from socket import AF_INET, AF_INET6, MSG_DONTWAIT, socket
from time import monotonic

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from aigate.network.addresses import text_of
from aigate.network.upstream import Answer
from aigate.policy.hosts import normal_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from aigate.network.judge import Judge
    from aigate.policy.hosts import Ports
    from aigate.streams.loop import Loop

    Reply = Callable[[bytes], None]
    Resolve = Callable[[str, int, Callable[[Answer], None]], None]
    Hold = Callable[[str, int, float], Answer]
    Lead = Callable[[str, Ports, Answer, int, float], Answer]

FAMILIES = {dns.rdatatype.A: AF_INET, dns.rdatatype.AAAA: AF_INET6}
PLAIN_PAYLOAD = 512
MOST_QUESTION = 4096
BATCH = 1024
MOST_PAYLOAD = 1232
MOST_STREAMS = 256
STREAM_SECONDS = 10.0
IDLE_SECONDS = 1.0  # after which a stream makes room for another
PAUSE_SECONDS = 0.1
MOST_TTL = 3600
LOCAL = {AF_INET: b"\x7f\x00\x00\x01", AF_INET6: bytes(15) + b"\x01"}


class Gate:
    """Answers questions from inside.

    lead: turns what a name leads to on the host into what the sandbox is told, and opens it (see `open_real`).
    """

    def __init__(self, loop: Loop, judge: Judge, resolve: Resolve, lead: Lead) -> None:
        """Serve nothing yet. resolve: finds a name's addresses of a family, and calls back (see `Upstream.resolve`)."""
        self._loop = loop
        self._judge = judge
        self._resolve = resolve
        self._lead = lead
        self._streams: dict[Stream, None] = {}
        self.hold: Hold | None = None  # answers for a name that the user is asked about

    def serve_datagrams(self, bound: socket) -> None:
        """Answer the questions that come to a UDP socket."""
        self._loop.watch(bound.fileno(), lambda _events: self._datagram(bound))

    def serve_streams(self, listener: socket) -> None:
        """Answer the questions that come over connections to a TCP socket (RFC 7766)."""
        self._loop.watch(listener.fileno(), lambda _events: self._accept(listener))

    def _datagram(self, bound: socket) -> None:
        """Take what has come off the socket first: what does not fit there is lost, and its asker waits for seconds."""
        arrived: list[tuple[bytes, Any]] = []
        with suppress(OSError):
            while len(arrived) < BATCH:
                arrived.append(bound.recvfrom(MOST_QUESTION, MSG_DONTWAIT))
        for data, sender in arrived:
            self.answer(data, self._sender(bound, sender), limit=PLAIN_PAYLOAD, port=sender[1])

    def _sender(self, bound: socket, sender: Any) -> Reply:
        def send(wire: bytes) -> None:
            with suppress(OSError):  # who asked is gone, or asked without wanting to hear
                bound.sendto(wire, MSG_DONTWAIT, sender)

        return send

    def _accept(self, listener: socket) -> None:
        """Take the next connection, in place of one that has been idle where there are too many; else it waits."""
        idle = next(iter(self._streams)) if len(self._streams) >= MOST_STREAMS else None
        if idle is not None and monotonic() - idle.since < IDLE_SECONDS:
            self._loop.forget(listener.fileno())
            self._loop.later(PAUSE_SECONDS, lambda: self.serve_streams(listener))
            return
        if idle is not None:
            idle.close()
        with suppress(OSError):
            connection, _ = listener.accept()
            self._stream_used(Stream(self._loop, connection, self.answer, self._stream_used))

    def _stream_used(self, stream: Stream) -> None:
        """Keep the streams in the order of their last use."""
        self._streams.pop(stream, None)
        if stream.is_open:
            self._streams[stream] = None

    def answer(self, data: bytes, reply: Reply, *, limit: int, port: int = 0) -> None:
        """Answer one message, now or when the host's name server has; rubbish gets no answer at all.

        limit: bytes that the answer may have without EDNS; 0 for a stream. port: the asker's own, of UDP.
        """
        try:
            query = dns.message.from_wire(data)
        except (dns.exception.DNSException, ValueError):
            return
        if query.flags & dns.flags.QR:
            return
        if limit:
            limit = max(PLAIN_PAYLOAD, min(query.payload, MOST_PAYLOAD)) if query.edns >= 0 else PLAIN_PAYLOAD
        question = query.question[0] if len(query.question) == 1 else None
        if query.opcode() != dns.opcode.QUERY or question is None or question.rdclass != dns.rdataclass.IN:
            reply(_wire(_response(query, Answer(dns.rcode.NOTIMP)), limit))
            return
        self._judge_question(question, lambda answer: reply(_wire(_response(query, answer), limit)), port)

    def _judge_question(self, question: dns.rrset.RRset, reply: Callable[[Answer | None], None], port: int) -> None:
        asked = question.name.to_text(omit_final_dot=True)
        name = asked.lower()
        family = FAMILIES.get(question.rdtype)
        if name == "localhost" or name.endswith(".localhost"):
            reply(Answer(dns.rcode.NOERROR, (LOCAL[family],) if family is not None else (), MOST_TTL))
            return
        if self.hold is not None and self._judge.may_ask(asked):
            held = normal_name(asked) or name
            reply(self.hold(held, family, monotonic()) if family is not None else Answer(dns.rcode.NOERROR))
            return
        ports = self._judge.ports_of(asked)
        if not ports:
            if port:
                self._judge.tell_name(asked, port)
            reply(None)
        elif family is None:
            reply(Answer(dns.rcode.NOERROR))
        else:

            def found(answer: Answer) -> None:
                kept = self.opened(name, ports, answer, family)
                if kept is None and port and family == AF_INET:
                    self._judge.tell_answer(asked, answer.addresses[0], port)
                reply(kept)

            self._resolve(name, family, found)

    def opened(self, name: str, ports: Ports, answer: Answer, family: int) -> Answer | None:
        """Return the answer that may leave, its addresses already open; None if nothing of it may."""
        if answer.rcode != dns.rcode.NOERROR or not answer.addresses:
            return answer
        fit = tuple(a for a in answer.addresses if self._judge.may_lead_to(a, trusted=answer.trusted))
        for address in answer.addresses:
            if address not in fit:
                self._judge.refuse_answer(name, address)
        if not fit:
            return None
        kept = Answer(answer.rcode, fit, min(answer.ttl, MOST_TTL), answer.trusted)
        return self._lead(name, ports, kept, family, monotonic())


def open_real(judge: Judge) -> Lead:
    """Return a `lead` that opens the very addresses of the answer."""

    def lead(name: str, ports: Ports, answer: Answer, _family: int, now: float) -> Answer:
        judge.admit(name, ports, list(answer.addresses), answer.ttl, now)
        return answer

    return lead


class Stream:
    """A connection that carries questions, each with its length in front; closed when idle. since: when it was used."""

    def __init__(
        self, loop: Loop, connection: socket, answer: Callable[..., None], used: Callable[[Stream], None]
    ) -> None:
        """Take over the connection. used: told of each use, and of the end."""
        self._loop = loop
        self._connection = connection
        self._answer = answer
        self._used = used
        self._buffer = b""
        self.is_open = True
        self.since = monotonic()
        connection.setblocking(False)
        self._timer = loop.later(STREAM_SECONDS, self.close)
        loop.watch(connection.fileno(), self._receive)

    def _receive(self, _events: int) -> None:
        try:
            data = self._connection.recv(65537)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self._buffer += data
        self.since = monotonic()
        self._used(self)
        while len(self._buffer) >= 2:  # noqa: PLR2004
            length = int.from_bytes(self._buffer[:2], "big")
            if len(self._buffer) < 2 + length:
                return
            message, self._buffer = self._buffer[2 : 2 + length], self._buffer[2 + length :]
            self._answer(message, self._send, limit=0)

    def _send(self, wire: bytes) -> None:
        if not self.is_open:
            return
        message = len(wire).to_bytes(2, "big") + wire
        try:
            if self._connection.send(message) != len(message):
                self.close()
        except OSError:
            self.close()

    def close(self) -> None:
        """Close the connection, once."""
        if self.is_open:
            self.is_open = False
            self._timer.cancel()
            self._loop.forget(self._connection.fileno())
            self._connection.close()
            self._used(self)


def _response(query: dns.message.Message, answer: Answer | None) -> dns.message.Message:
    """Build the response to a query; None for the answer means that it is refused by policy."""
    response = dns.message.make_response(query, recursion_available=True)
    if answer is None:
        response.set_rcode(dns.rcode.NXDOMAIN)
        if query.edns >= 0:
            blocked = dns.edns.EDEOption(dns.edns.EDECode.BLOCKED, "not in allow_net")
            response.use_edns(0, payload=MOST_PAYLOAD, options=[blocked])
        return response
    response.set_rcode(dns.rcode.Rcode.make(answer.rcode))
    if answer.addresses:
        question = query.question[0]
        texts = [text_of(address) for address in answer.addresses]
        response.answer.append(dns.rrset.from_text_list(question.name, answer.ttl, "IN", question.rdtype, texts))
    return response


def _wire(response: dns.message.Message, limit: int) -> bytes:
    """Return the message's bytes; cut off, and saying so, where it does not fit (RFC 2181, section 9)."""
    try:
        return response.to_wire(max_size=limit or 65535)
    except dns.exception.TooBig:
        response.answer.clear()
        response.flags |= dns.flags.TC
        return response.to_wire()
