"""No rule, no name server and no hosts file opens loopback, nor an address that carries one; for both ways out."""

from ipaddress import ip_address
from socket import IPPROTO_TCP, IPPROTO_UDP

import pytest

from aigate.config.model import Entry
from aigate.network.judge import Judge
from aigate.network.nfqueue import Packet
from aigate.network.refusals import Refusals
from aigate.policy.hosts import Ports, parse_hosts

HERE = ["127.0.0.1", "127.8.8.8", "0.0.0.0",  # noqa: S104
        "::1", "::", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::1", "::ffff:0:127.0.0.1", "2606:4700::5efe:127.0.0.1", "64:ff9b:1::7f00:1"]  # fmt: skip


@pytest.mark.parametrize("learning", [False, True])
@pytest.mark.parametrize("protocol", [IPPROTO_TCP, IPPROTO_UDP])
@pytest.mark.parametrize("text", HERE)
def test_a_packet_to_it_is_refused_whatever_is_allowed(text, protocol, learning):
    address = ip_address(text).packed
    made = Judge(
        parse_hosts((Entry("0.0.0.0/0", "c", 1), Entry("::/0", "c", 1))), Refusals(lambda *_: None), learning=learning
    )
    made.admit("a.test", Ports(every=True), [address], 600, 0)
    assert not made.may_lead_to(address, trusted=True)
    assert not made.opens(address, 80)
    assert not made.allows(Packet(1, protocol, b"", address, 80, 60), 1)
    (refused,) = made.refusals.report().refused
    assert refused.remedy == ("localhost:80" if protocol == IPPROTO_TCP else None)
