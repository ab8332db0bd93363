"""UDP reaches allowed hosts, and no other ones."""

import pytest
from netlab import DENIED
from netsandbox import AT_ONCE


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
        assert visit["seconds"] < AT_ONCE
