"""The judge on a clock of our own, the packets he sees, and the first bytes of TLS."""

import ssl
from ipaddress import ip_address
from socket import IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigate.config.model import Entry
from aigate.network import nfqueue
from aigate.network.addresses import is_own, is_private
from aigate.network.judge import MOST_ADDRESSES, Judge
from aigate.network.nfqueue import Packet
from aigate.network.refusals import MOST_KINDS, NetworkReport, Refusal, Refusals, printable, summary
from aigate.network.tls import MORE, NAMELESS, OTHER, read_hello
from aigate.policy.hosts import Ports, parse_hosts
from aigate.record import replace

EVERY = Ports(every=True)
HERE = bytes([10, 0, 2, 100])
THERE = ip_address("192.175.48.10").packed


def judge(*texts, **options):
    told = []
    rules = parse_hosts(tuple(Entry(text, "c", 1) for text in texts))
    made = Judge(rules, Refusals(lambda kind, fields: told.append((kind, fields))), **options)
    return made, told


def packet(address=THERE, port=443, protocol=IPPROTO_TCP):
    return Packet(1, protocol, HERE, address, port, 60)


def test_an_address_is_open_from_its_answer_until_its_time_is_over():
    made, told = judge("example.com")
    assert not made.allows(packet(), 99)
    made.admit("example.com", EVERY, [THERE], ttl=100, now=100)
    assert made.allows(packet(), 100)
    assert made.allows(packet(), 204.9)
    assert not made.allows(packet(), 205)
    assert len(told) == 1


@pytest.mark.parametrize(("ttl", "seconds"), [(0, 30), (1, 30), (25, 30), (60, 65), (1 << 30, 3600)])
def test_a_time_to_live_has_bounds(ttl, seconds):
    made, _ = judge("example.com")
    made.admit("example.com", EVERY, [THERE], ttl=ttl, now=0)
    assert made.allows(packet(), seconds - 0.1)
    assert not made.allows(packet(), seconds)


def test_two_names_of_one_address_open_their_own_ports_for_their_own_time():
    made, _ = judge("a.test:80", "b.test:443")
    made.admit("a.test", Ports(numbers=(80,)), [THERE], ttl=60, now=0)
    made.admit("b.test", Ports(numbers=(443,)), [THERE], ttl=600, now=0)
    assert made.allows(packet(port=80), 1)
    assert made.allows(packet(port=443), 1)
    assert not made.allows(packet(port=80), 100)
    assert made.allows(packet(port=443), 100)
    made.forget(100)
    assert made.names_of(THERE, 100) == ("b.test",)


def test_addresses_are_bounded():
    made, _ = judge("*.example.com")
    for number in range(MOST_ADDRESSES + 10):
        made.admit("x.example.com", EVERY, [number.to_bytes(4, "big")], ttl=60, now=0)
    assert made.names_of((MOST_ADDRESSES - 1).to_bytes(4, "big"), 1) == ("x.example.com",)
    assert made.names_of((MOST_ADDRESSES + 1).to_bytes(4, "big"), 1) == ()


def test_other_protocols_are_refused_even_to_allowed_addresses():
    made, told = judge("192.175.48.10")
    assert made.allows(packet(), 0)
    assert not made.allows(packet(port=None, protocol=IPPROTO_ICMP), 0)
    assert not made.allows(packet(port=None, protocol=132), 0)
    assert [fields["protocol"] for _, fields in told] == ["icmp", "132"]


def test_a_way_without_datagrams_refuses_udp():
    made, _ = judge("192.175.48.10", datagrams=False)
    assert made.allows(packet(), 0)
    assert not made.allows(packet(protocol=IPPROTO_UDP), 0)


def test_the_number_of_kinds_is_bounded_and_the_rest_is_counted():
    refusals = Refusals(lambda *_: None)
    for number in range(MOST_KINDS + 5):
        refusals.add(Refusal(f"n{number}.test", None, "dns", "no", 0.0))
    refusals.add(Refusal("n0.test", None, "dns", "no", 0.0))
    report = refusals.report()
    assert (len(report.refused), report.lost, report.refused[0].count) == (MOST_KINDS, 5, 2)


def test_the_line_at_the_end():
    refused = (
        Refusal("a.test", None, "dns", "no", 0.0, remedy="a.test", count=3),
        Refusal("2620:4f:8000::1", 443, "tcp", "no", 0.0, remedy="[2620:4f:8000::1]:443"),
        Refusal("7.113.0.203.in-addr.arpa", None, "dns", "no", 0.0),
        Refusal("a.test", 80, "tcp", "no", 0.0, remedy="a.test:80"),  # the host alone allows its ports
    )
    assert summary(NetworkReport(refused)) == (
        "network: refused a.test (3x), [2620:4f:8000::1]:443; to allow: aigate allow net a.test [2620:4f:8000::1]:443"
    )
    assert summary(NetworkReport()) is None
    assert "guard" in str(summary(NetworkReport(failed=True)))


PRIVATE = [
    "127.0.0.1", "127.255.0.1", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
    "169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "224.0.0.1", "255.255.255.255", "::", "::1",
    "fe80::1", "fd00:ec2::254", "fc00::1", "ff02::1", "fec0::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::",
    # IANA's special-purpose registries, whole
    "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "240.0.0.1",
    "100::1", "100:0:0:1::1", "2001::1", "2001:1::1", "2001:2::1", "2001:10::1", "2001:db8::1", "3fff::1",
    "3fff:fff::1", "5f00::1", "64:ff9b:2::1", "4000::1", "::ffff:0:8.8.8.8",
    # an IPv4 address inside, in each form that somebody takes apart
    "64:ff9b::c0a8:101", "2002:c0a8:101::1", "2606:4700::5efe:10.1.2.3", "2606:4700::200:5efe:192.168.1.1",
    "2001:0:808:808::f5f5:f5f5",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8", "192.175.48.1", "192.31.196.1", "192.52.193.1", "172.32.0.1", "198.20.0.1", "2620:4f:8000::1",
    "2606:4700::1", "64:ff9b::808:808", "2002:808:808::1", "2001:4:112::1", "2001:20::1", "2001:200::1",
    "2606:4700::5efe:8.8.8.8", "2606:4700::5eff:10.1.2.3",
]  # fmt: skip


def test_what_an_agent_calls_a_host_is_kept_short_and_plain():
    assert printable("a.test") == "a.test"
    assert printable("\x1b[31mä\n" * 10).isprintable()
    assert len(printable("x" * 30000)) == len(printable("ä" * 30000)) == 253


def test_a_packet_from_somebody_elses_address_is_refused():
    own, foreign = bytes([10, 0, 2, 100]), bytes([192, 175, 48, 66])
    made, told = judge("192.175.48.0/24", sources=(own,))
    assert made.allows(replace(packet(), source=own), 0)
    assert not made.allows(replace(packet(), source=foreign), 0)
    assert len(told) == 1


def test_what_a_resolver_makes_of_a_name_with_a_search_domain_is_not_offered():
    made, told = judge("example.com", search=("corp.example",))
    for name in ("a.test", "a.test.corp.example", "wiki.corp.example", "wiki", "b.test.other.example",
                 "c.test.corp.example", "c.test", "example.com.corp.example"):  # fmt: skip
        if name == "c.test":
            made.ports_of("example.com")
        assert not made.ports_of(name)
    offered = {refusal.subject: refusal.remedy for refusal in made.refusals.report(drops=made.is_longer_form).refused}
    assert offered == {
        "a.test": "a.test", "a.test.corp.example": None, "wiki.corp.example": "wiki.corp.example", "wiki": None,
        "b.test.other.example": "b.test.other.example", "c.test.corp.example": None, "c.test": "c.test",
        "example.com.corp.example": None,
    }  # fmt: skip
    assert len(told) == 8
    made, _ = judge("example.com", learning=True, search=("corp.example",))
    for name in ("a.test.corp.example", "a.test", "wiki.corp.example", "wiki", "_http._tcp.a.test"):
        made.ports_of(name)
    assert made.learned == ("a.test", "wiki.corp.example")


def test_names_at_one_address_are_bounded():
    made, _ = judge("*.example.com")
    for number in range(1000):
        made.admit(f"n{number}.example.com", Ports(every=True), [THERE], 300, 0)
    assert len(made.names_of(THERE, 1)) == 64
    assert made.names_of(THERE, 1)[-1] == "n999.example.com"


@pytest.mark.parametrize("text", PRIVATE)
def test_private(text):
    assert is_private(ip_address(text).packed)


@pytest.mark.parametrize("text", PUBLIC)
def test_public(text):
    assert not is_private(ip_address(text).packed)
    assert not is_own(ip_address(text).packed)


def test_this_machines_addresses_are_known():
    assert is_own(ip_address("127.0.0.1").packed)


def test_a_verdict_is_these_bytes():
    """Written down from linux/netfilter/nfnetlink_queue.h for a little-endian machine."""
    expected = "28000000 0103 0100 00000000 00000000 00 00 0000 0c000200 00000004 00000007 08000300 00000002"
    assert nfqueue.verdict(0, 7, accept=False, mark=2).hex() == expected.replace(" ", "")


@given(st.binary(max_size=200))
def test_any_bytes_from_the_queue_are_packets_or_nothing(data):
    header = nfqueue.ATTRIBUTE.pack(8, 1) + bytes(4) + nfqueue.ATTRIBUTE.pack(4 + len(data), 10) + data
    body = nfqueue.GENERIC.pack(0, 0, 0) + header
    message = nfqueue.HEADER.pack(16 + len(body), nfqueue.SUBSYSTEM, 0, 0, 0) + body
    (found,) = nfqueue.packets(message)
    made, _ = judge("example.com")
    assert not made.allows(found, 0)
    list(nfqueue.errors(data))


def hello(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(inward, outward, server_hostname=name).do_handshake()
    return outward.read()


NAMED = hello("Allowed.test")


def test_the_server_name_is_read_at_any_cut():
    assert read_hello(NAMED).name == "allowed.test"
    for cut in range(len(NAMED)):
        assert read_hello(NAMED[:cut]) == MORE
    assert read_hello(hello(None)) == NAMELESS
    assert read_hello(b"GET / HTTP/1.1") == OTHER


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (bytes((21, 3, 1, 0, 2, 1, 90)) + NAMED, NAMELESS),  # a warning, which OpenSSL passes over
        (bytes((20, 3, 3, 0, 1, 1)) + NAMED, NAMELESS),
        (bytes((23, 3, 3)), NAMELESS),
        (bytes((21,)), MORE),
        (bytes((21, 0, 0)), OTHER),
        (bytes((0x80, 46, 1, 3, 1)), NAMELESS),  # a ClientHello in SSL 2's form
        (bytes((0x80, 46)), MORE),
        (bytes((0xFF, 0xFD, 3)), OTHER),  # telnet
        (bytes((0x80, 46, 1, 4)), OTHER),
        (b"SSH-2.0-x\r\n", OTHER),
        (bytes((0, 0, 0, 8)), OTHER),
    ],
)
def test_what_a_server_takes_for_tls_is_tls_without_a_name(first, said):
    assert read_hello(first) == said


@given(st.integers(1, 300))
def test_a_hello_over_several_records_is_the_same(size):
    body = NAMED[5:]
    records = [body[start : start + size] for start in range(0, len(body), size)]
    spread = b"".join(NAMED[:3] + len(record).to_bytes(2, "big") + record for record in records)
    assert read_hello(spread).name == "allowed.test"


@given(st.binary(max_size=400), st.integers(0, len(NAMED)), st.integers(0, len(NAMED)))
def test_any_bytes_are_read_without_an_error(data, start, end):
    for damaged in (data, b"\x16\x03\x01" + data, NAMED[:start] + data + NAMED[end:]):
        said = read_hello(damaged)
        assert said.name is None or said.complete
