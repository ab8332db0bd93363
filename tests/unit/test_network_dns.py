"""The resolver gate without a network: what it answers, what it asks, and what rubbish does to it."""

from socket import AF_INET

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigate.config.model import Entry
from aigate.network.dns import Gate, open_real
from aigate.network.judge import Judge
from aigate.network.refusals import Refusals
from aigate.network.upstream import FAILED, Answer, read_answer
from aigate.policy.hosts import parse_hosts

THERE = bytes([192, 175, 48, 10])


class Setup:
    """A gate whose name server answers what the test says, and remembers what it was asked."""

    def __init__(self, *entries, answer=None):
        self.events, self.asked = [], []
        self.answer = answer or Answer(dns.rcode.NOERROR, (THERE,), 60)
        rules = parse_hosts(tuple(Entry(entry, "c", 1) for entry in entries))
        self.judge = Judge(rules, Refusals(lambda _kind, fields: self.events.append(fields)))
        self.gate = Gate(None, self.judge, self.resolve, open_real(self.judge))  # type: ignore[arg-type]

    def resolve(self, name, family, done):
        self.asked.append((name, family))
        done(self.answer)

    def ask(self, query, limit=512):
        replies = []
        self.gate.answer(query if isinstance(query, bytes) else query.to_wire(), replies.append, limit=limit)
        return dns.message.from_wire(replies[0]) if replies else None


def test_an_allowed_name_is_answered_and_open_before_the_answer_leaves():
    setup = Setup("example.com")
    reply = setup.ask(dns.message.make_query("Example.COM", "A"))
    assert reply.rcode() == dns.rcode.NOERROR
    assert [str(data) for data in reply.answer[0]] == ["192.175.48.10"]
    assert str(reply.answer[0].name) == "Example.COM."
    assert reply.answer[0].ttl == 60
    assert setup.asked == [("example.com", AF_INET)]
    assert THERE in setup.judge._grants


def test_a_refused_name_is_never_asked_for_outside():
    setup = Setup("example.com")
    for name in ("denied.test", "notexample.com", "a\\.example.com", "x.example.com", "."):
        reply = setup.ask(dns.message.make_query(name, "A", use_edns=0))
        assert reply.rcode() == dns.rcode.NXDOMAIN
        assert reply.options[0].code == 15
    assert setup.asked == []


@pytest.mark.parametrize("kind", ["TXT", "MX", "CNAME", "ANY", "HTTPS", "PTR", "NULL", "AXFR"])
def test_other_kinds_of_questions_have_no_answer(kind):
    setup = Setup("example.com")
    reply = setup.ask(dns.message.make_query("example.com", kind))
    assert reply.rcode() == dns.rcode.NOERROR
    assert not reply.answer
    assert setup.asked == []


def test_private_addresses_are_taken_out_of_an_answer():
    mixed = Answer(dns.rcode.NOERROR, (bytes([10, 0, 0, 1]), THERE, bytes([127, 0, 0, 1])), 60)
    setup = Setup("example.com", answer=mixed)
    reply = setup.ask(dns.message.make_query("example.com", "A"))
    assert [str(data) for data in reply.answer[0]] == ["192.175.48.10"]
    assert len(setup.events) == 2
    setup = Setup("example.com", answer=Answer(dns.rcode.NOERROR, (bytes([10, 0, 0, 1]),), 60))
    assert setup.ask(dns.message.make_query("example.com", "A")).rcode() == dns.rcode.NXDOMAIN
    setup = Setup("example.com", "10.0.0.0/8", answer=setup.answer)
    assert setup.ask(dns.message.make_query("example.com", "A")).rcode() == dns.rcode.NOERROR


def test_a_name_server_that_fails_is_a_failure_not_a_refusal():
    setup = Setup("example.com", answer=FAILED)
    assert setup.ask(dns.message.make_query("example.com", "A")).rcode() == dns.rcode.SERVFAIL
    assert not setup.events


def test_an_answer_that_does_not_fit_says_so():
    many = Answer(dns.rcode.NOERROR, tuple(bytes([192, 175, 48, n]) for n in range(100)), 60)
    setup = Setup("example.com", answer=many)
    cut = setup.ask(dns.message.make_query("example.com", "A"))
    assert cut.flags & dns.flags.TC
    assert len(setup.ask(dns.message.make_query("example.com", "A"), limit=0).answer[0]) == 100


@given(st.binary(max_size=200))
def test_rubbish_is_survived(data):
    setup = Setup("example.com")
    query = dns.message.make_query("example.com", "A").to_wire()
    for wire in (data, query[:12] + data, query + data, query[: len(data)]):
        setup.ask(wire)


def chain(text):
    return dns.message.from_text(
        f"id 1\nopcode QUERY\nrcode NOERROR\nflags QR RD RA\n;QUESTION\na.test. IN A\n;ANSWER\n{text}"
    )


def test_a_chain_is_followed_with_its_shortest_time():
    reply = chain("a.test. 300 IN CNAME b.test.\nb.test. 20 IN CNAME c.test.\nc.test. 60 IN A 192.175.48.10\n")
    assert read_answer(reply, dns.rdatatype.A) == Answer(dns.rcode.NOERROR, (THERE,), 20)


def test_a_chain_in_circles_and_a_stranger_answer_lead_nowhere():
    assert read_answer(chain("a.test. 300 IN CNAME b.test.\nb.test. 20 IN CNAME a.test.\n"), dns.rdatatype.A) == FAILED
    assert read_answer(chain("z.test. 60 IN A 192.175.48.10\n"), dns.rdatatype.A).addresses == ()
