"""A wildcard and a name mean what they say, and nothing near it."""

from netvisits import assert_reached, assert_refused


def test_a_wildcard_allows_any_depth_but_not_the_host_itself(sandbox):
    www, deep, itself = sandbox.visit(
        ["*.allowed.test"],
        ["http", "http://www.allowed.test/"],
        ["http", "http://deep.er.allowed.test/"],
        ["http", "http://allowed.test/"],
    ).visits
    assert_reached(www)
    assert_reached(deep)
    assert_refused(itself)


def test_near_miss_names_are_refused(sandbox):
    names = ("notallowed.test", "allowed.test.evil.test", "www.allowed.test", "xallowed.test")
    visits = [visit for name in names for visit in (["name", name], ["tcp", name, 7])]
    for visit in sandbox.visit(["allowed.test"], *visits).visits:
        assert_refused(visit)
