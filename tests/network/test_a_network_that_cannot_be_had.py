"""The command does not start where the network that was asked for is not in force; without one nothing is needed."""

import pytest
from netsandbox import Sandbox


@pytest.fixture(params=["slirp"])
def mode(request):
    return request.param


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (["/usr/bin/slirp4netns"], "slirp4netns could not set up the network"),
        (["/usr/sbin/xtables-nft-multi", "/usr/sbin/xtables-legacy-multi"], "no iptables here can load rules"),
    ],
    ids=["slirp4netns", "iptables"],
)
def test_the_command_does_not_start_when_the_network_is_not_in_force(sandbox, lab, without, broken, message):
    without(dict.fromkeys(broken, "/bin/false"))
    outcome = sandbox.run(["allowed.test"], ["sh", "-c", "echo ran; touch ran"])
    assert outcome.status == 1
    assert message in outcome.err
    assert "hint: " in outcome.err
    assert outcome.out == ""
    assert not (lab.project(sandbox.user) / "ran").exists()


def test_no_network_at_all_needs_no_tool(lab, user, without):
    without(dict.fromkeys(["/usr/bin/slirp4netns", *(f"/usr/sbin/xtables-{kind}-multi" for kind in ("nft", "legacy"))],
                          "/bin/false"))  # fmt: skip
    outcome = Sandbox(lab, user, "auto").visit([], ["tcp", "192.175.48.10", 7], ["name", "localhost"])
    assert [visit["ok"] for visit in outcome.visits] == [False, True]
    assert outcome.err == ""
