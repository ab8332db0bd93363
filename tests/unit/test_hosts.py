"""What an entry of allow_net means, and every way to write one that means nothing."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigate.config.model import Entry
from aigate.errors import ConfigError
from aigate.policy.hosts import (
    HostRule,
    Ports,
    is_here,
    normal_name,
    parse_hosts,
    ports_of_address,
    ports_of_name,
    with_search_domains,
)

EVERY = Ports(every=True)
NONE = Ports()


def rules(*texts: str) -> tuple[HostRule, ...]:
    return parse_hosts(tuple(Entry(text, "config.yaml", line) for line, text in enumerate(texts, 7)))


def only(*numbers: int) -> Ports:
    return Ports(numbers=numbers)


NAMES = [
    # entry, question, ports
    ("example.com", "example.com", EVERY),
    ("example.com", "EXAMPLE.com.", EVERY),
    ("Example.COM.", "example.com", EVERY),
    ("example.com", "www.example.com", NONE),
    ("example.com", "notexample.com", NONE),
    ("example.com", "example.com.evil.test", NONE),
    ("example.com", "example.co", NONE),
    ("example.com", "example.comm", NONE),
    ("example.com", "example-com", NONE),
    ("example.com", "", NONE),
    ("example.com", ".", NONE),
    ("example.com", "example.com..", NONE),
    ("example.com", "\uff45xample.com", NONE),
    ("example.com:443", "example.com", only(443)),
    ("*.example.com", "www.example.com", EVERY),
    ("*.example.com", "a.b.c.example.com", EVERY),
    ("*.example.com", "example.com", NONE),
    ("*.example.com", ".example.com", NONE),
    ("*.example.com", "notexample.com", NONE),
    ("*.example.com", "a\\.example.com", NONE),
    ("*.example.com", "a\\000.example.com", NONE),
    ("*.example.com", "a b.example.com", NONE),
    ("*.example.com", "x.example.com.evil.test", NONE),
    ("*.example.com:8443", "x.example.com", only(8443)),
    ("my_host.example.com", "my_host.example.com", EVERY),
    ("*.com", "example.com", EVERY),
    ("wiki", "wiki", EVERY),
    ("bücher.example", "xn--bcher-kva.example", EVERY),
    ("*.BÜCHER.example", "a.xn--bcher-kva.example", EVERY),
    ("xn--bcher-kva.example", "xn--bcher-kva.example", EVERY),
    ("203.0.113.7", "203.0.113.7", NONE),
    ("1password.com", "1password.com", EVERY),
    ("a" * 63 + ".test", "a" * 63 + ".test", EVERY),
]


@pytest.mark.parametrize(("entry", "question", "ports"), NAMES)
def test_names(entry, question, ports):
    assert ports_of_name(rules(entry), question) == ports


ADDRESSES = [
    ("203.0.113.7", "203.0.113.7", EVERY),
    ("203.0.113.7", "203.0.113.8", NONE),
    ("203.0.113.7:443", "203.0.113.7", only(443)),
    ("203.0.113.0/24", "203.0.113.255", EVERY),
    ("203.0.113.0/24", "203.0.114.0", NONE),
    ("203.0.113.0/24:80", "203.0.113.1", only(80)),
    ("0.0.0.0/0", "8.8.8.8", EVERY),
    ("0.0.0.0/0", "2001:db8::1", NONE),
    ("203.0.113.128/25", "203.0.113.127", NONE),
    ("2001:db8::1", "2001:db8::1", EVERY),
    ("2001:DB8:0::1", "2001:db8::1", EVERY),
    ("[2001:db8::1]", "2001:db8::1", EVERY),
    ("[2001:db8::1]:443", "2001:db8::1", only(443)),
    ("2001:db8::/64", "2001:db8::ffff", EVERY),
    ("2001:db8::/64", "2001:db8:0:1::", NONE),
    ("[2001:db8::/64]:443", "2001:db8::2", only(443)),
    ("::/0", "203.0.113.1", NONE),
    ("203.0.113.7", "::ffff:203.0.113.7", NONE),
    ("example.com", "203.0.113.7", NONE),
]


@pytest.mark.parametrize(("entry", "address", "ports"), ADDRESSES)
def test_addresses(entry, address, ports):
    assert ports_of_address(rules(entry), ip_address(address).packed) == ports


WRONG = [
    "", " ", "example.com ", " example.com", "exa mple.com", "example.com\n", "example.com\0", "a\tb", "*", "*.", "**",
    "https://example.com", "https://example.com/path", "http://user@example.com", "user@example.com",
    "example.com/path", "example.com/", "example.com?x", "example.com#x", "example.com,example.org",
    "example.com;", "!example.com",
    "example.com:", "example.com:0", "example.com:65536", "example.com:080", "example.com:443x", "example.com:+443",
    "example.com:-1", "example.com:80-90", "example.com:https", "example.com:443:443", "example.com:\u0664\u0664\u0663",
    "example.com:*", "*:443", ":443", ".", "..", ".example.com", "example..com", "example.com..", "-example.com",
    "example-.com", "a.*.example.com", "*example.com", "*.*.example.com", "example.*", "exam*ple.com", "*.1.2.3.4",
    "a" * 64 + ".test", ".".join(["a" * 60] * 5), "010.0.0.1", "203.0.113.07", "0x7f.1", "0x7f000001", "2130706433",
    "127.1", "203.0.113", "203.0.113.256", "1.2.3.4.5", "203.0.113.7/33", "203.0.113.7/", "203.0.113.7/x",
    "203.0.113.7/24", "203.0.113.0/024", "203.0.113.0/-1", "203.0.113.0/255.255.255.0", "203.0.113.7:0",
    "example.com/24",    "2001:db8::1:99999", "2001:db8::g", "[2001:db8::1", "[2001:db8::1]443",
    "[2001:db8::1]:", "[example.com]:443",
    "[203.0.113.7]:443", "2001:db8::/129", "2001:db8::1/64", "fe80::1%eth0", "::ffff:127.0.0.1", "::ffff:0:0/96",
    "[::ffff:203.0.113.7]:443", "straße.example", "$(id).example", "`id`", "--help", "-A OUTPUT", "例え" * 40,
    "example.com\u200b", "\u202eexample.com",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_nonsense_is_an_error_that_says_where(text):
    with pytest.raises(ConfigError) as caught:
        rules("example.com", text)
    assert caught.value.line == 8
    assert caught.value.message.startswith("config.yaml:8: allow_net: ")
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_a_url_is_answered_with_its_host():
    with pytest.raises(ConfigError) as caught:
        rules("https://user:pw@api.example.com/v1")
    assert caught.value.hint == "write only the host: api.example.com"


def test_rules_add_up():
    several = rules("example.com:443", "*.com:80", "example.com:443", "203.0.113.0/24:22", "203.0.113.9")
    assert ports_of_name(several, "example.com") == only(80, 443)
    assert ports_of_address(several, ip_address("203.0.113.8").packed) == only(22)
    assert ports_of_address(several, ip_address("203.0.113.9").packed) == EVERY


def test_no_rules_allow_nothing():
    assert ports_of_name((), "example.com") == NONE
    assert ports_of_address((), bytes(4)) == NONE


def test_short_names_follow_the_search_domains():
    longer = with_search_domains(rules("wiki:80", "example.com"), ["Corp.Example.", "bad domain"])
    assert ports_of_name(longer, "wiki.corp.example") == only(80)
    assert ports_of_name(longer, "wiki") == only(80)
    assert ports_of_name(longer, "example.com.corp.example") == NONE
    assert ports_of_name(longer, "wiki.example") == NONE


def test_ports_know_what_they_hold():
    assert 443 in only(443)
    assert 80 not in only(443)
    assert 1 in EVERY
    assert not NONE


LABEL = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,20}[a-z0-9_])?", fullmatch=True)
NAME = st.lists(LABEL, min_size=1, max_size=5).map(".".join).filter(lambda name: name[-1].isalpha())


@given(NAME, NAME)
def test_a_name_allows_itself_and_a_wildcard_only_what_is_below(name, other):
    assert ports_of_name(rules(name), name.upper() + ".") == EVERY
    assert bool(ports_of_name(rules(name), other)) == (name == other)
    assert bool(ports_of_name(rules("*." + name), other)) == other.endswith("." + name)


@given(st.ip_addresses(), st.ip_addresses(), st.integers(0, 128))
def test_ranges_agree_with_the_standard_library(first, second, prefix):
    network = ip_network((first, min(prefix, first.max_prefixlen)), strict=False)
    if first.version == 6 and network.network_address.ipv4_mapped:
        return
    if is_here(network.network_address.packed) and is_here(network.broadcast_address.packed):
        return
    rule = rules(str(network))
    assert bool(ports_of_address(rule, second.packed)) == (second.version == first.version and second in network)
    assert ports_of_address(rule, first.packed) == EVERY


@given(st.text(max_size=40))
def test_any_text_is_a_rule_or_a_config_error(text):
    try:
        (rule,) = rules(text)
    except ConfigError:
        return
    assert sum(part is not None for part in (rule.name, rule.suffix, rule.network)) == 1
    name = rule.name or (rule.suffix or ".a")[1:]
    assert normal_name(name) == name
