"""What is decided about the network, as text and data: rules, command lines, ways, files."""

import subprocess

import pytest

from aigate.config.model import Entry
from aigate.errors import EnforcementError
from aigate.network.firewall import gateway_rules, slirp_rules, turned_rule
from aigate.network.hostfiles import inner_hosts, inner_nsswitch, inner_resolv_conf, parse_hosts, parse_resolv_conf
from aigate.network.plan import Machine, plan_network
from aigate.network.slirp import SUBNETS, choose_subnet, slirp_argv, with_own_mounts
from aigate.policy.hosts import parse_hosts as parse_rules

GOLDEN_SLIRP = """\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A OUTPUT -o lo -s 127.0.0.0/8,10.0.2.100 -d 127.0.0.0/8,10.0.2.100 -j ACCEPT
-A OUTPUT -s 10.0.2.100 -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A OUTPUT -o lo -p tcp -m tcp --tcp-flags RST RST -m conntrack --ctstate RELATED -j ACCEPT
-A OUTPUT -p tcp -m mark --mark 2 -j REJECT --reject-with tcp-reset
-A OUTPUT -m mark --mark 2 -j REJECT --reject-with icmp-admin-prohibited
-A OUTPUT -j NFQUEUE --queue-num 0
COMMIT
"""
GOLDEN_GATEWAY = """\
*mangle
:OUTPUT ACCEPT [0:0]
-A OUTPUT -d ::1/128 -j ACCEPT
-A OUTPUT -d fd00::1 -j ACCEPT
-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A OUTPUT -m mark --mark 0 -j NFQUEUE --queue-num 0
COMMIT
*nat
:OUTPUT ACCEPT [0:0]
-A OUTPUT -p tcp -m mark --mark 1 -j REDIRECT --to-ports 61001
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A OUTPUT -d ::1/128 -j ACCEPT
-A OUTPUT -d fd00::1 -j ACCEPT
-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A OUTPUT -p tcp -m mark --mark 2 -j REJECT --reject-with tcp-reset
-A OUTPUT -m mark --mark 2 -j REJECT --reject-with icmp6-adm-prohibited
COMMIT
"""


def rules(*texts):
    return parse_rules(tuple(Entry(text, "c", 1) for text in texts))


def test_the_rules_are_these():
    assert slirp_rules(ipv6=False, address="10.0.2.100") == GOLDEN_SLIRP
    assert gateway_rules(ipv6=True, port=61001, address="fd00::1") == GOLDEN_GATEWAY


@pytest.mark.parametrize(
    "text", [slirp_rules(ipv6=v6, address="::1" if v6 else "10.0.2.100") for v6 in (False, True)] + [GOLDEN_GATEWAY]
)
def test_the_queue_never_lets_a_packet_by_when_nobody_listens(text):
    assert "bypass" not in text
    assert ":OUTPUT DROP" in text


@pytest.mark.parametrize(("ipv6", "standing"), [(False, "198.18.0.0/15"), (True, "fd61:6967:6174:6500::/64")])
def test_what_stands_for_a_name_never_leaves_as_it_is(ipv6, standing):
    lines = slirp_rules(ipv6=ipv6, address="::1" if ipv6 else "10.0.2.100", asking=True).splitlines()
    refused = next(n for n, line in enumerate(lines) if line.startswith(f"-A OUTPUT -d {standing} -j REJECT"))
    queued = lines.index("-A OUTPUT -j NFQUEUE --queue-num 0")
    assert lines.index("*filter") < refused < queued, "before the judge, who is asked about real addresses"


@pytest.mark.parametrize("kind", ["legacy", "nft"])
@pytest.mark.parametrize("ipv6", [False, True])
def test_both_kinds_of_iptables_take_the_rules(kind, ipv6):
    program = f"/usr/sbin/ip{'6' if ipv6 else ''}tables-{kind}-restore"
    address = "fd00::1" if ipv6 else "198.18.0.1"
    asking = slirp_rules(ipv6=ipv6, address=address, asking=True)
    turned = turned_rule(f"{address}a" if ipv6 else "198.18.1.1", "2001:db8::1" if ipv6 else "192.0.2.1")
    plain = slirp_rules(ipv6=ipv6, address=address)
    for text in (plain, asking, asking + turned, gateway_rules(ipv6=ipv6, port=61001, address=address)):
        command = ["unshare", "--user", "--map-root-user", "--net", "env", "XTABLES_LOCKFILE=/dev/null", program]
        done = subprocess.run(command, input=text.encode(), capture_output=True)
        assert done.returncode == 0, done.stderr


def test_slirp4netns_is_started_locked_up_and_without_its_doors():
    argv = slirp_argv("/usr/bin/slirp4netns", 42, (7, 8), SUBNETS[0], ipv6=True)
    assert argv == [
        "/usr/bin/slirp4netns", "--configure", "--mtu=65520", "--cidr=10.0.2.0/24", "--disable-host-loopback",
        "--disable-dns", "--enable-ipv6", "--enable-sandbox", "--enable-seccomp", "--ready-fd=7", "--exit-fd=8",
        "42", "tap0",
    ]  # fmt: skip
    assert "--enable-ipv6" not in slirp_argv("s", 42, (7, 8), SUBNETS[0], ipv6=False)


@pytest.mark.parametrize(
    ("texts", "subnet"),
    [
        (["example.com"], "10.0.2.0/24"),
        (["10.0.0.0/8"], "172.30.201.0/24"),
        (["10.0.2.7"], "10.229.77.0/24"),
        (["10.0.0.0/8", "172.16.0.0/12"], "10.0.2.0/24"),
        (["0.0.0.0/0"], "10.0.2.0/24"),
        (["2001:db8::/32"], "10.0.2.0/24"),
    ],
)
def test_the_virtual_router_keeps_out_of_allowed_ranges(texts, subnet):
    assert str(choose_subnet(rules(*texts))) == subnet


FULL = Machine("/usr/bin/slirp4netns", tun=True, restore4=("r4",), restore6=("r6",), ipv6=True)
NO_SLIRP = Machine(None, tun=True, restore4=("r4",), restore6=("r6",), ipv6=True)
NO_TUN = Machine("/usr/bin/slirp4netns", tun=False, restore4=("r4",), restore6=("r6",), ipv6=True)
NO_TABLES = Machine("/usr/bin/slirp4netns", tun=True, restore4=(), restore6=(), ipv6=True)
SOME = rules("example.com")
WAYS = [
    (None, "auto", FULL, "host"), (None, "slirp", NO_SLIRP, "host"), ((), "auto", FULL, "none"),
    ((), "slirp", NO_TABLES, "none"), ((), "gateway", NO_TABLES, "none"), (SOME, "auto", FULL, "slirp"),
    (SOME, "slirp", FULL, "slirp"), (SOME, "gateway", FULL, "gateway"), (SOME, "auto", NO_SLIRP, "gateway"),
    (SOME, "auto", NO_TUN, "gateway"), (SOME, "auto", NO_TABLES, "gateway"), (SOME, "gateway", NO_TABLES, "gateway"),
]  # fmt: skip


@pytest.mark.parametrize(("hosts", "mode", "machine", "way"), WAYS)
def test_the_way_out(hosts, mode, machine, way):
    assert plan_network(hosts, mode, lambda: machine).way == way


@pytest.mark.parametrize("machine", [NO_SLIRP, NO_TUN, NO_TABLES])
def test_a_way_that_was_asked_for_and_is_not_there_is_an_error(machine):
    with pytest.raises(EnforcementError) as caught:
        plan_network(SOME, "slirp", lambda: machine)
    assert caught.value.hint
    assert "gateway" in caught.value.hint


def test_a_learning_run_is_never_on_the_hosts_network():
    for hosts in (None, (), SOME):
        assert plan_network(hosts, "auto", lambda: FULL, learning=True).way == "slirp"


def test_resolv_conf_keeps_what_concerns_the_asking_side():
    conf = parse_resolv_conf(
        "# nameserver 9.9.9.9\nnameserver 192.0.2.1\nnameserver fe80::1%eth0\nnameserver 192.0.2.2\n"
        "nameserver 192.0.2.3\ndomain old.example\nsearch Corp.Example. bad/domain second.example\n"
        "options timeout:1 ndots:2 rotate\n;x\nsearch\n"
    )
    assert conf.nameservers == ("192.0.2.1", "fe80::1%eth0", "192.0.2.2")
    assert inner_resolv_conf(conf) == (
        b"nameserver 127.0.0.1\nsearch corp.example second.example\noptions edns0 ndots:2\n"
    )
    assert parse_resolv_conf("").nameservers == ("127.0.0.1",)


def test_the_inner_hosts_file_names_loopback_only():
    text = "127.0.0.1 localhost\n127.0.1.1 me\n10.0.0.1 build.corp # x\n::1 six\nnonsense\n0.0.0.0 ads.example\n"
    assert inner_hosts(text).decode().splitlines() == [
        "127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback", "127.0.1.1 me", "::1 six",
    ]  # fmt: skip
    assert parse_hosts(text)["build.corp"] == (bytes([10, 0, 0, 1]),)


def test_names_come_from_files_and_dns_whatever_the_host_asks():
    text = "passwd: files systemd\nhosts: mymachines resolve [!UNAVAIL=return] files dns\n"
    assert inner_nsswitch(text) == b"passwd: files systemd\nhosts: files dns\n"


def test_root_keeps_slirp4netns_away_from_the_hosts_mounts() -> None:
    argv = ["/usr/bin/slirp4netns", "--enable-sandbox", "7", "tap0"]
    assert with_own_mounts(argv, "/usr/bin/unshare")[:4] == ["/usr/bin/unshare", "--mount", "--propagation", "private"]
    assert with_own_mounts(argv, None) == ["/usr/bin/slirp4netns", "7", "tap0"]
