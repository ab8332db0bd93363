"""What only packets can do: UDP, and the end of the things that carry them."""

import pytest
from netlab import DENIED

CAPABLE = ["iptables -F", "iptables-legacy -F", "iptables -P OUTPUT ACCEPT", "nft flush ruleset", "ip link set lo down",
           "ip addr add 10.0.2.55/24 dev tap0", "ip route del default", "ip route add 192.0.2.0/24 dev tap0",
           "sysctl -w net.ipv4.ip_unprivileged_port_start=0", "sysctl -w net.ipv6.conf.all.accept_ra=1",
           "ip link add dummy9 type dummy"]  # fmt: skip


@pytest.fixture(params=["slirp"])
def mode(request):
    return request.param


def test_udp_reaches_allowed_hosts_only(sandbox):
    good, quic, bad, worse = sandbox.visit(
        ["allowed.test"],
        ["udp", "allowed.test", 7],
        ["udp", "allowed.test", 443],
        ["udp", DENIED, 443],
        ["udp", DENIED, 53],
    ).visits
    assert good["ok"], good
    assert quic["ok"], quic
    for visit in (bad, worse):
        assert not visit["ok"], visit
        assert visit["seconds"] < 1
