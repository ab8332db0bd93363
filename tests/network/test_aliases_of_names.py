"""An alias is judged by the name that was asked for."""

from netvisits import assert_reached, assert_refused


def test_a_cname_is_judged_by_the_name_that_was_asked(sandbox):
    alias, target = sandbox.visit(["alias.test"], ["tcp", "alias.test", 7], ["name", "denied.test"]).visits
    assert_reached(alias)
    assert_refused(target)


def test_a_cname_from_a_denied_name_opens_nothing(sandbox):
    alias, target = sandbox.visit(["denied.test"], ["name", "alias.test"], ["tcp", "denied.test", 7]).visits
    assert_refused(alias)
    assert_reached(target)
