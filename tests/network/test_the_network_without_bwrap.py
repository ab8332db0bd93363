"""The backend without bubblewrap filters the network alike."""

from netlab import ALLOWED, DENIED, DENIED6
from netsandbox import Sandbox
from netvisits import assert_reached, assert_refused, refused


def test_without_bwrap_the_same_is_reached_and_nothing_else(lab, user, mode):
    outcome = Sandbox(lab, user, mode, "unshare").visit(
        ["allowed.test"],
        ["tcp", "allowed.test", 7],
        ["http", "http://allowed.test/"],
        ["http", "http://denied.test/"],
        ["tcp", DENIED, 7],
        ["tcp", DENIED6, 7],
    )
    for visit in outcome.visits[:2]:
        assert_reached(visit)
    for visit in outcome.visits[2:]:
        assert_refused(visit)
    assert ("denied.test", None, "dns") in refused(outcome)


def test_without_bwrap_and_without_a_network(lab, user, mode):
    for visit in Sandbox(lab, user, mode, "unshare").visit([], ["name", "allowed.test"], ["tcp", ALLOWED, 7]).visits:
        assert_refused(visit)
