"""Asking the host's name servers, against ones of our own on loopback that answer what the test says."""

import contextlib
import os
import resource
import threading
from socket import AF_INET, AF_INET6, SHUT_RDWR, SOCK_DGRAM, SOCK_STREAM, socket

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from aigate.network import upstream as upstream_module
from aigate.network.upstream import FAILED, Answer, Upstream
from aigate.streams.loop import Loop

THERE = bytes([203, 0, 113, 10])


class Server:
    """A name server on a loopback address of its own; `answer(query)` returns messages (bytes or Message) to send."""

    def __init__(self, address, answer):
        self.answer, self.asked = answer, []
        self.datagrams, self.listener = socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_STREAM)
        self.datagrams.bind((address, 0))
        self.port = self.datagrams.getsockname()[1]
        self.listener.bind((address, self.port))
        self.listener.listen()
        for serve in (self._datagrams, self._streams):
            threading.Thread(target=serve, daemon=True).start()

    def _datagrams(self):
        with contextlib.suppress(OSError):
            while True:
                data, sender = self.datagrams.recvfrom(4096)
                self._reply(data, "udp", lambda wire, sender=sender: self.datagrams.sendto(wire, sender))

    def _streams(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection:
                    data = connection.recv(4096)[2:]
                    self._reply(
                        data, "tcp", lambda wire, to=connection: to.sendall(len(wire).to_bytes(2, "big") + wire)
                    )

    def _reply(self, data, way, send):
        query = dns.message.from_wire(data)
        self.asked.append((way, query))
        for message in self.answer(query, way):
            send(message if isinstance(message, bytes) else message.to_wire(max_size=65535))

    def close(self):
        self.datagrams.close()
        self.listener.shutdown(SHUT_RDWR)
        self.listener.close()


def reply_to(query, *records, flags=0):
    reply = dns.message.make_response(query)
    reply.flags |= flags
    for text in records:
        name, ttl, kind, data = text.split(" ", 3)
        reply.answer.append(dns.rrset.from_text(name, int(ttl), "IN", kind, data))
    return reply


@pytest.fixture
def ask(monkeypatch, tmp_path):
    """Return a function: (how the server answers, names to ask for at once, one then) -> (answers, what was asked)."""
    servers = []
    monkeypatch.setattr(upstream_module, "HOSTS", str(tmp_path / "hosts"))
    monkeypatch.setattr(upstream_module, "RESOLV_CONF", str(tmp_path / "resolv.conf"))
    address = "127.0.0.153"  # a stub resolver's place on the host's loopback, as of systemd-resolved
    (tmp_path / "resolv.conf").write_text(f"nameserver {address}\noptions edns0 trust-ad\n")

    def asking(answer, *names, family=AF_INET, seconds=5.0, then=None):
        monkeypatch.setattr(upstream_module, "TRY_SECONDS", seconds)
        monkeypatch.setattr(upstream_module, "EXTENDED_SECONDS", min(seconds, 1.0))
        monkeypatch.setattr(upstream_module, "PATIENT_SECONDS", seconds)
        server = Server(address, answer)
        servers.append(server)
        monkeypatch.setattr(upstream_module, "PORT", server.port)
        loop, answers = Loop(), []

        def done(found):
            answers.append(found)
            if len(answers) == len(names) and then:
                resolver.resolve(then, family, done)
            if len(answers) == len(names) + bool(then):
                loop.stop()

        resolver = Upstream(loop)
        for name in names:
            resolver.resolve(name, family, done)
        if len(answers) < len(names):
            loop.run()
        return answers, server.asked

    yield asking
    for server in servers:
        server.close()


def test_a_question_for_the_same_name_is_asked_once(ask):
    """Two hundred equal questions at once would be two hundred chances to guess an answer to one."""
    answers, asked = ask(lambda query, _: [reply_to(query, "a.test. 60 A 203.0.113.10")], *["a.test"] * 200)
    assert answers == [Answer(dns.rcode.NOERROR, (THERE,), 60)] * 200
    assert len(asked) == 1


def test_answers_to_other_questions_are_passed_over(ask):
    """Another number, another name, another kind, a question and rubbish come first; the right answer is taken."""

    def answers(query, _):
        forged = [reply_to(query, "a.test. 60 A 203.0.113.66") for _ in range(3)]
        forged[0].id ^= 1
        other = dns.message.make_query("b.test", "A", id=query.id)
        kind = dns.message.make_query("a.test", "AAAA", id=query.id)
        return [
            forged[0], reply_to(other, "b.test. 60 A 203.0.113.66"), reply_to(kind, "a.test. 60 AAAA 2001:db8::66"),
            query.to_wire(), b"\0" * 20, b"", reply_to(query, "a.test. 60 A 203.0.113.10"),
            reply_to(query, "a.test. 60 A 203.0.113.66"),
        ]  # fmt: skip

    found, _ = ask(answers, "a.test")
    assert found == [Answer(dns.rcode.NOERROR, (THERE,), 60)]


def test_a_cut_answer_is_asked_for_again_by_tcp(ask):
    """The whole answer, of more than a datagram holds, is what counts."""
    many = [f"a.test. 60 A 203.0.{number // 250}.{number % 250}" for number in range(500)]

    def answers(query, way):
        return [reply_to(query, flags=dns.flags.TC)] if way == "udp" else [reply_to(query, *many)]

    (found,), asked = ask(answers, "a.test")
    assert len(found.addresses) == 500
    assert [way for way, _ in asked] == ["udp", "tcp"]


def test_records_of_other_names_and_kinds_open_nothing(ask):
    """What comes along unasked, hints of HTTPS records too, is passed over."""

    def answers(query, _):
        reply = reply_to(
            query,
            "a.test. 60 CNAME c.test.",
            "c.test. 0 A 203.0.113.10",
            "denied.test. 60 A 203.0.113.66",
            "a.test. 60 HTTPS 1 . ipv4hint=203.0.113.66",
            "c.test. 60 TXT x",
        )
        reply.additional.append(dns.rrset.from_text("c.test.", 60, "IN", "A", "203.0.113.66"))
        reply.authority.append(dns.rrset.from_text("c.test.", 60, "IN", "NS", "a.test."))
        return [reply]

    (found,), _ = ask(answers, "a.test")
    assert found == Answer(dns.rcode.NOERROR, (THERE,), 0)


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED", "FORMERR", "NOTIMP"])
def test_a_server_that_fails_is_a_failure(ask, rcode):
    def answers(query, _):
        reply = reply_to(query)
        reply.set_rcode(dns.rcode.from_text(rcode))
        return [reply]

    (found,), _ = ask(answers, "a.test")
    assert found.rcode == dns.rcode.from_text(rcode)
    assert found.addresses == ()


def test_a_silent_server_is_a_failure_in_bounded_time(ask):
    (found,), asked = ask(lambda _query, _way: [], "a.test", seconds=0.2)
    assert found == FAILED
    assert [query.edns for _, query in asked] == [0, -1, 0, -1]


def test_a_name_that_has_no_address_of_a_family_is_no_failure(ask):
    (found,), _ = ask(lambda query, _: [reply_to(query)], "a.test", family=AF_INET6)
    assert found == Answer(dns.rcode.NOERROR)


def test_what_is_known_stays_when_the_files_cannot_be_read(tmp_path, monkeypatch):
    """Out of descriptors, a file that has changed is not taken for an empty one."""
    hosts = tmp_path / "hosts"
    hosts.write_text("10.1.2.3 a.test\n")
    cached = upstream_module._Cached(str(hosts), upstream_module.parse_hosts)
    assert cached.value() == {"a.test": (bytes([10, 1, 2, 3]),)}
    hosts.write_text("10.1.2.4 a.test b.test\n")

    def fail(_path):
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(upstream_module, "load", fail)
        assert cached.value() == {"a.test": (bytes([10, 1, 2, 3]),)}
    assert cached.value()["b.test"] == (bytes([10, 1, 2, 4]),)
    hosts.unlink()
    assert cached.value() == {}


def without_edns(how):
    """Return how a server from before EDNS answers: a question that has it is refused, or never heard."""

    def answers(query, _):
        if query.edns < 0:
            return [reply_to(query, "a.test. 0 A 203.0.113.10")]
        if how == "silence":
            return []
        refusal = dns.message.make_response(query)
        refusal.use_edns(False)
        refusal.set_rcode(dns.rcode.from_text(how.partition(" ")[0]))
        return [refusal.to_wire()[:12].replace(b"\0\1", b"\0\0", 1) if how.endswith("bare") else refusal]

    return answers


@pytest.mark.parametrize("how", ["FORMERR", "FORMERR bare", "NOTIMP", "SERVFAIL", "REFUSED", "silence"])
def test_a_server_without_edns_is_asked_without_and_remembered(ask, how):
    servers = without_edns(how)
    found, asked = ask(servers, "a.test")
    assert found == [Answer(dns.rcode.NOERROR, (THERE,), 0)]
    assert [query.edns for _, query in asked] == [0, -1]


def test_a_server_that_needed_it_once_is_asked_without_from_then_on(ask):
    _, asked = ask(without_edns("NOTIMP"), "a.test", then="b.test")
    assert [query.edns for _, query in asked] == [0, -1, -1]


def test_a_thousand_names_at_once_are_all_answered(ask):
    names = [f"a{number}.test" for number in range(1000)]
    answers, asked = ask(lambda query, _: [reply_to(query, f"{query.question[0].name} 60 A 203.0.113.10")], *names)
    assert answers == [Answer(dns.rcode.NOERROR, (THERE,), 60)] * 1000
    assert len(asked) >= 1000


def test_without_descriptors_a_question_waits(ask):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    names = [f"a{number}.test" for number in range(300)]
    used = len(os.listdir("/proc/self/fd"))
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + 60, hard))
        answers, _ = ask(lambda query, _: [reply_to(query, f"{query.question[0].name} 60 A 203.0.113.10")], *names)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert answers == [Answer(dns.rcode.NOERROR, (THERE,), 60)] * 300


def test_an_answer_is_shared_for_as_long_as_it_says(ask):
    found, asked = ask(lambda query, _: [reply_to(query, "a.test. 60 A 203.0.113.10")], "a.test", then="a.test")
    assert found == [Answer(dns.rcode.NOERROR, (THERE,), 60)] * 2
    assert len(asked) == 1


def test_an_answer_for_this_moment_is_shared_with_nobody_later(ask):
    _, asked = ask(lambda query, _: [reply_to(query, "a.test. 0 A 203.0.113.10")], "a.test", then="a.test")
    assert len(asked) == 2
