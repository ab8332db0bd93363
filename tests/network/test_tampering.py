"""What an agent does to get rid of the rules: every attempt fails, and afterwards the rules still hold."""

import json
import shlex

import pytest
from netlab import DENIED, DENIED6
from netsandbox import PYTHON, Sandbox

# Asks to be the listener of queue 0 (NFQNL_CFG_CMD_UNBIND would do as well) and tells what the kernel says to that.
QUEUE = """
import socket, struct, sys
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
s.bind((0, 0))
body = struct.pack('=BBHHHBBH', 0, 0, 0, 8, 1, 2, 0, 0)
s.send(struct.pack('=IHHII', 16 + len(body), 3 << 8 | 2, 5, 1, 0) + body)
error = struct.unpack_from('=i', s.recv(100), 16)[0]
print('kernel says', error, file=sys.stderr)
sys.exit(error != 0)
"""
STILL = " ".join([*PYTHON, *(f"'{json.dumps(['tcp', address, 7])}'" for address in (DENIED, DENIED6))])

ATTEMPTS = {
    "flush with nft's iptables": "iptables-nft -F && iptables-nft -P OUTPUT ACCEPT",
    "flush with legacy iptables": "iptables-legacy -F",
    "open the policy": "iptables-legacy -P OUTPUT ACCEPT && ip6tables-legacy -P OUTPUT ACCEPT",
    "flush with nft": "nft flush ruleset",
    "another address": "ip addr add 10.0.2.55/24 dev tap0",
    "another route": "ip route replace default dev lo",
    "devices down": "ip link set lo down",
    "a device of its own": "ip link add dummy9 type dummy",
    "in a user namespace": "unshare --user --map-root-user iptables-legacy -F",
    "in a user and mount namespace": "unshare --user --map-root-user --mount ip link set tap0 down",
    "in the namespace of process 1": "nsenter --target=1 --net --user iptables-legacy -F",
    "the network namespace of process 1": "nsenter --target=1 --net iptables-legacy -F",
    "kernel switches": "sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'",
    "kernel switches for IPv6": "sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6; test -w /proc/sys/net'",
    "kernel switches in a fresh proc": (
        "unshare --user --map-root-user --mount --pid --fork sh -c"
        " 'mount -t proc p /mnt && echo 1 > /mnt/sys/net/ipv4/ip_forward'"
    ),
    "ports below 1024 for all": "sh -c 'echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start'",
    "a mark on a packet": "python3 -c 'import socket; socket.socket().setsockopt(1, 36, 1)'",
    "a tun device": "ip tuntap add dev tun9 mode tun",
    "the packet queue": "python3 queue.py",
    "conntrack entries": "python3 -c 'import socket; socket.socket(2, 3, 255)'",
    "the resolver's place": "python3 -c 'import socket; socket.socket(2, 2).bind((\"127.0.0.1\", 53))'",
    "the resolver's file": "sh -c 'echo nameserver 192.52.193.53 > /etc/resolv.conf'",
}


@pytest.fixture(params=["bwrap", "unshare"])
def backend(request):
    return request.param


@pytest.fixture
def sandbox(lab, user, mode, backend):
    return Sandbox(lab, user, mode, backend)


def test_the_rules_cannot_be_changed_from_inside(sandbox):
    """One attempt after the other; then the rules are tried."""
    tried = [
        f"if {attempt}; then echo DONE {shlex.quote(name)}; else echo FAILED {shlex.quote(name)}; fi"
        for name, attempt in ATTEMPTS.items()
    ]
    script = f"export PATH=$PATH:/usr/sbin:/sbin; {{ {'; '.join(tried)}; }} >&2; {STILL}"
    (sandbox.lab.project(sandbox.user) / "queue.py").write_text(QUEUE)
    outcome = sandbox.run(["allowed.test"], ["sh", "-c", script])
    for visit in outcome.visits:
        assert not visit["ok"], outcome.err
    for name in ATTEMPTS:
        assert f"FAILED {name}\n" in outcome.err, outcome.err


def test_a_namespace_made_inside_has_no_way_out(sandbox):
    visit = json.dumps(["tcp", DENIED, 7])
    inner = f'/usr/sbin/ip link set lo up; {" ".join(PYTHON)} "$1"'
    script = f"unshare --user --net sh -c '{inner}' - '{visit}'"
    outcome = sandbox.run(["allowed.test"], ["sh", "-c", script])
    (visit,) = outcome.visits
    assert not visit["ok"]
    assert "unreachable" in str(visit["result"])


def test_no_descriptor_of_the_network_is_left_inside(sandbox):
    """What process 1 hands down is the command's: 0, 1 and 2, and the one that `ls` reads the directory with."""
    outcome = sandbox.run(["allowed.test"], ["ls", "/proc/self/fd"])
    assert outcome.out.split() == ["0", "1", "2", "3"]


def test_nothing_privileged_is_seen_inside(sandbox):
    outcome = sandbox.run(["allowed.test"], ["sh", "-c", "cat /proc/[0-9]*/comm; grep CapEff /proc/self/status"])
    words = outcome.out.split()
    assert not {"slirp4netns", "iptables", "python3", "python3.11"} & set(words)
    assert words[-1] == "0000000000000000"
