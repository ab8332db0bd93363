"""A name that leads to the host or into its private network is refused."""

from netvisits import assert_reached, assert_refused

REBINDING = [
    "rebind-loopback.test",
    "rebind-private.test",
    "rebind-metadata.test",
    "rebind-host.test",
    "rebind-mapped.test",
]


def test_a_name_that_leads_into_the_private_network_is_refused(sandbox):
    visits = [visit for name in REBINDING for visit in (["name", name], ["tcp", name, 7])]
    outcome = sandbox.visit(REBINDING, *visits)
    for visit in outcome.visits:
        assert_refused(visit)
    told = {event["subject"] for event in outcome.events if "leads to the " in event["reason"]}
    assert told == set(REBINDING)


def test_a_private_address_that_is_itself_allowed_is_reached(sandbox):
    outcome = sandbox.visit(["rebind-private.test", "10.20.30.40"], ["tcp", "rebind-private.test", 7])
    assert_reached(outcome.visits[0])
