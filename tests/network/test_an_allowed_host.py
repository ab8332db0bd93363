"""An allowed host is reached, on both families and by its short name."""

from netlab import ALLOWED
from netvisits import assert_reached, assert_refused


def test_an_allowed_host_is_reached(sandbox):
    for visit in sandbox.visit(["allowed.test"], ["tcp", "allowed.test", 7], ["http", "http://allowed.test/"]).visits:
        assert_reached(visit)


def test_both_families_reach_an_allowed_host(sandbox):
    for visit in sandbox.visit(["only4.test", "only6.test"], ["tcp", "only4.test", 7], ["tcp", "only6.test", 7]).visits:
        assert_reached(visit)


def test_search_domains_work_for_short_names(sandbox):
    outcome = sandbox.visit(["wiki"], ["tcp", "wiki", 7], ["tcp", "wiki.corp.test", 7])
    for visit in outcome.visits:
        assert_reached(visit)


def test_an_allowed_hosts_address_is_closed_until_its_name_is_asked_for(sandbox):
    before, name, after = sandbox.visit(
        ["allowed.test"], ["tcp", ALLOWED, 7], ["name", "allowed.test"], ["tcp", "allowed.test", 7]
    ).visits
    assert_refused(before)
    assert_reached(name)
    assert_reached(after)
