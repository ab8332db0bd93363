"""Rules with ports, addresses and ranges open what they name, and no more."""

from netlab import ALLOWED, ALLOWED6, DENIED, DENIED6
from netvisits import assert_reached, assert_refused


def test_a_port_rule_opens_that_port_only(sandbox):
    outcome = sandbox.visit(["allowed.test:7"], ["tcp", "allowed.test", 7], ["http", "http://allowed.test/"])
    echo, http = outcome.visits
    assert_reached(echo)
    assert_refused(http)
    assert "aigate allow net allowed.test:80" in outcome.err


def test_addresses_and_ranges_are_reached_with_their_ports(sandbox):
    outcome = sandbox.visit(
        ["192.175.48.10/31:7", f"[{ALLOWED6}]:80", "2620:4f:8000:1::20/127"],
        ["tcp", ALLOWED, 7],
        ["tcp", "192.175.48.11", 7],
        ["http", f"http://[{ALLOWED6}]/"],
        ["tcp", DENIED6, 7],
        ["tcp", DENIED, 7],
        ["http", f"http://{ALLOWED}/"],
        ["tcp", ALLOWED6, 7],
    )
    for visit in outcome.visits[:4]:
        assert_reached(visit)
    for visit in outcome.visits[4:]:
        assert_refused(visit)
