"""What only packets can do: UDP, and the end of the things that carry them."""

import shutil
import subprocess

import pytest
from netlab import ALLOWED6, ATTACKER, DENIED, DENIED6
from netsandbox import AT_ONCE, Sandbox

CAPABLE = ["iptables -F", "iptables-legacy -F", "iptables -P OUTPUT ACCEPT", "nft flush ruleset", "ip link set lo down",
           "ip addr add 10.0.2.55/24 dev tap0", "ip route del default", "ip route add 192.0.2.0/24 dev tap0",
           "sysctl -w net.ipv4.ip_unprivileged_port_start=0", "sysctl -w net.ipv6.conf.all.accept_ra=1",
           "ip link add dummy9 type dummy"]  # fmt: skip


@pytest.fixture(params=["slirp"])
def mode(request):
    return request.param


def test_udp_reaches_allowed_hosts_only(sandbox):
    good, quic, bad, worse = sandbox.visit(
        ["allowed.test"],
        ["udp", "allowed.test", 7],
        ["udp", "allowed.test", 443],
        ["udp", DENIED, 443],
        ["udp", DENIED, 53],
    ).visits
    assert good["ok"], good
    assert quic["ok"], quic
    for visit in (bad, worse):
        assert not visit["ok"], visit
        assert visit["seconds"] < AT_ONCE


@pytest.fixture
def without(lab):
    """Replace programs of the lab's host for the length of a test: without({path: program})."""
    covered = []

    def cover(changes):
        for path, program in changes.items():
            lab.enter(lab.host, ["mount", "--bind", program, path], check=True)
            covered.append(path)

    yield cover
    for path in reversed(covered):
        lab.enter(lab.host, ["umount", path], check=True)


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


def test_ipv6_is_off_where_it_cannot_be_filtered(sandbox, lab, without):
    """Both ip6tables fail; IPv4 goes on as before, and IPv6 is not there, for loopback either."""
    real, fake = lab.directory / "xtables", lab.directory / "only-ipv4"
    shutil.copy("/usr/sbin/xtables-legacy-multi", real)
    fake.write_text(f'#!/bin/bash\ncase $0 in *ip6*) exit 1;; esac\nexec -a "${{0##*/}}" {real} "$@"\n')
    fake.chmod(0o755)
    without({f"/usr/sbin/xtables-{kind}-multi": str(fake) for kind in ("nft", "legacy")})
    outcome = sandbox.visit(
        ["allowed.test", DENIED6], ["tcp", "allowed.test", 7], ["tcp", DENIED6, 7], ["tcp", "::1", 7]
    )
    assert [visit["ok"] for visit in outcome.visits] == [True, False, False]
    assert outcome.events == []
