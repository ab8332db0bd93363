"""What became of the visits that a sandbox in the lab made."""

from netsandbox import AT_ONCE


def assert_refused(visit):
    assert not visit["ok"], visit
    assert visit["seconds"] < AT_ONCE, visit


def assert_reached(visit):
    assert visit["ok"], visit


def refused(outcome):
    return {(event["subject"], event.get("port"), event["protocol"]) for event in outcome.events}
