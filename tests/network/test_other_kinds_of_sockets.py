"""Sockets that pass the filter by are closed."""

from netlab import ALLOWED, DENIED
from netvisits import assert_refused


def test_raw_and_packet_sockets_and_ping_are_closed(sandbox):
    for visit in sandbox.visit(["allowed.test"], ["raw"], ["packet"], ["ping", ALLOWED], ["ping", DENIED]).visits:
        assert_refused(visit)
