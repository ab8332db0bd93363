"""An empty list leaves nothing but loopback."""

from netlab import ALLOWED, ALLOWED6
from netsandbox import Sandbox
from netvisits import assert_refused


def test_an_empty_list_leaves_nothing_but_loopback(lab, user):
    outcome = Sandbox(lab, user, "auto").visit([], ["tcp", ALLOWED, 7], ["tcp", ALLOWED6, 7], ["name", "allowed.test"])
    for visit in outcome.visits:
        assert_refused(visit)
