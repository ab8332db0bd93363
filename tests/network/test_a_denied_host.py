"""What is not allowed is refused at once, and told with what allows it."""

from netlab import DENIED, DENIED6
from netvisits import assert_refused, refused


def test_a_denied_host_is_refused_at_once_and_told(sandbox):
    outcome = sandbox.visit(["allowed.test"], ["name", "denied.test"], ["http", "http://denied.test/"])
    for visit in outcome.visits:
        assert_refused(visit)
    assert "to allow: aigate allow net denied.test" in outcome.err
    assert ("denied.test", None, "dns") in refused(outcome)


def test_a_raw_address_is_refused_at_once_and_told(sandbox):
    outcome = sandbox.visit(["allowed.test"], ["tcp", DENIED, 7], ["tcp", DENIED6, 7], ["udp", DENIED, 7])
    for visit in outcome.visits:
        assert_refused(visit)
    assert refused(outcome) >= {(DENIED, 7, "tcp"), (DENIED6, 7, "tcp"), (DENIED, 7, "udp")}
    assert f"aigate allow net {DENIED}:7" in outcome.err


def test_a_redirect_to_a_denied_host_ends_there(sandbox):
    (visit,) = sandbox.visit(["allowed.test"], ["http", "http://allowed.test/redirect?to=http://denied.test/"]).visits
    assert_refused(visit)
    (visit,) = sandbox.visit(["allowed.test"], ["http", f"http://allowed.test/redirect?to=http://{DENIED}/"]).visits
    assert_refused(visit)


def test_a_name_that_does_not_exist_is_known_at_once(sandbox):
    (visit,) = sandbox.visit(["nowhere.test"], ["name", "nowhere.test"]).visits
    assert_refused(visit)
