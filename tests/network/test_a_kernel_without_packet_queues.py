"""A kernel without packet queues leads to the gateway, and stops a run that asked for slirp4netns."""

import subprocess

import pytest
from netlab import ALLOWED6, ATTACKER, DENIED, DENIED6
from netsandbox import AT_ONCE, Sandbox


@pytest.fixture(params=["slirp"])
def mode(request):
    return request.param


@pytest.fixture
def without_queues(lab, without):
    """Make every iptables refuse rules with a packet queue in them, as on a kernel that has none."""
    without({f"/usr/sbin/xtables-{kind}-multi": lab.iptables_without_queues(kind) for kind in ("nft", "legacy")})


@pytest.mark.usefixtures("without_queues")
def test_a_kernel_without_packet_queues_leads_to_the_gateway(lab, user):
    """`auto` finds out before the run; there every connection is turned to the relay, which cuts what is refused."""
    outcome = Sandbox(lab, user, "auto").visit(
        ["allowed.test:7", ALLOWED6],
        ["tcp", "allowed.test", 7],
        ["tcp", ALLOWED6, 7],
        ["http", "http://allowed.test/"],
        ["tcp", DENIED, 7],
        ["tcp", DENIED6, 7],
        ["udp", DENIED, 7],
        ["udp", "allowed.test", 7],
        ["dns", ATTACKER, "leak.evil.test", "udp"],
        ["dns", ATTACKER, "leak.evil.test", "tcp"],
        ["tcp", "10.0.2.2", 7],
    )
    assert [visit["ok"] for visit in outcome.visits] == [True, True, *[False] * 8]
    assert all(visit["seconds"] < AT_ONCE for visit in outcome.visits)
    told = {(event["subject"], event.get("port")) for event in outcome.events}
    assert told >= {("allowed.test", 80), (DENIED, 7), (DENIED6, 7), (ATTACKER, 53), ("10.0.2.2", 7)}
    assert "network: through the gateway, because no iptables here can load rules" in banner(lab, user)


def banner(lab, user):
    command = [word for word in lab.command(["allowed.test"], ["true"], user=user, mode="auto") if word != "--quiet"]
    return subprocess.run(command, capture_output=True, text=True).stderr


@pytest.mark.usefixtures("without_queues")
def test_slirp4netns_that_was_asked_for_is_refused_without_packet_queues(sandbox):
    outcome = sandbox.run(["allowed.test"], ["echo", "ran"])
    assert (outcome.status, outcome.out) == (1, "")
    assert "no iptables here can load rules" in outcome.err
    assert "set network: gateway" in outcome.err
