"""The host, its loopback and what is around it are out of reach."""

from netlab import ATTACKER, DENIED
from netservices import LOOPBACK_SERVICE
from netvisits import assert_refused

SURROUNDINGS = ["10.0.2.2", "10.0.2.3", "169.254.169.254", "fd00:ec2::254", "192.52.193.130", "2001:4:112::2",
                "10.20.30.40", "fd00::2", "fd00::3",
                "fe80::2%tap0", "fec0::2", "::ffff:10.0.2.2", "64:ff9b::7f00:1"]  # fmt: skip


def test_the_host_and_its_surroundings_are_out_of_reach(sandbox):
    visits = [[kind, address, port] for address in SURROUNDINGS for kind, port in (("tcp", 80), ("tcp", 7), ("udp", 7))]
    for visit in sandbox.visit(["allowed.test"], *visits).visits:
        assert_refused(visit)


def test_the_hosts_loopback_is_out_of_reach_even_when_its_ranges_are_allowed(sandbox, lab):
    listener = lab.start(lab.host, ["/usr/bin/python3", "-c", LOOPBACK_SERVICE])
    addresses = ["10.0.2.2", "10.229.77.2", "172.30.201.2", "127.0.0.1", "fd00::2", "fd00::3", "fe80::2%tap0", "::1"]
    try:
        outcome = sandbox.visit(
            ["0.0.0.0/0", "10.0.0.0/8", "::/0", "fd00::/8", "fe80::/10", "allowed.test"],
            *([kind, address, 7007, 0.5] for address in addresses for kind in ("tcp", "udp")),
            ["mapped", "::ffff:127.0.0.1", 7007],
        )
        for visit in outcome.visits:
            assert not visit["ok"], visit
    finally:
        listener.kill()


def test_an_ipv4_mapped_address_is_judged_as_ipv4(sandbox):
    for visit in sandbox.visit(
        ["allowed.test"], ["mapped", f"::ffff:{DENIED}", 7], ["mapped", f"::ffff:{ATTACKER}", 53]
    ).visits:
        assert_refused(visit)
