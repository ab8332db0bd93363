"""The probes tell the truth: what they find is what a run gets, also where something is missing or locked."""

import json

import pytest
from sandbox import python_with_aigate

PROGRAM = """
import json, sys
from aigate.host.tools import find_tool
from aigate.network.plan import look_at_machine
from aigate.network.probe import probe
found = probe(look_at_machine(find_tool))
print(json.dumps({finding.name: [finding.works, finding.detail, finding.remedy] for finding in found}))
"""
BREAKS = {
    "nothing": ("true", "slirp: IPv4 and IPv6 filtered"),
    "the tun device locked": ("mount -t tmpfs none /dev/net", "gateway: IPv4 and IPv6 filtered"),
    "no slirp4netns": ("mount --bind /dev/null /usr/bin/slirp4netns", "gateway: IPv4 and IPv6 filtered"),
    "no ip6tables": (
        (
            "mount -t tmpfs -o mode=755 t /mnt && cp -a /usr/sbin/*tables* /mnt && rm /mnt/ip6*"
            " && mount --bind /mnt /usr/sbin"
        ),
        "slirp: IPv4 filtered, IPv6 switched off",
    ),
    "no legacy iptables": (
        "for f in /usr/sbin/ip*tables-legacy*; do mount --bind /dev/null $f; done",
        "slirp: IPv4 and IPv6 filtered",
    ),
    "no packet queues": (
        "for kind in nft legacy; do mount --bind without-queues-$kind /usr/sbin/xtables-$kind-multi; done",
        "gateway: IPv4 and IPv6 filtered",
    ),
    "no iptables at all": (
        "for f in /usr/sbin/ip*tables*; do mount --bind /dev/null $f; done",
        "gateway: through its proxy only: no rules can be loaded",
    ),
}


def found(lab, user, breaking):
    for kind in ("nft", "legacy"):
        lab.iptables_without_queues(kind)
    python = [*python_with_aigate(lab.aigate), "-c", PROGRAM]
    script = f'cd {lab.directory} && {breaking} && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, "-", *lab.as_user(user), *python]
    done = lab.enter(lab.host, command, capture_output=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", BREAKS)
def test_what_will_be_enforced(lab, user, name):
    breaking, expected = BREAKS[name]
    works, detail, _ = found(lab, user, breaking)["allow_net"]
    assert works
    assert detail == expected


@pytest.mark.parametrize("name", ["the tun device locked", "no slirp4netns", "no iptables at all"])
def test_what_is_missing_has_a_remedy(lab, user, name):
    findings = found(lab, user, BREAKS[name][0])
    works, detail, remedy = findings["network: slirp"]
    assert not works
    assert detail
    assert remedy


def test_forbidden_namespaces_are_found_out(lab, user):
    """The switch is the outer namespace's: it is set in one made for this test."""
    python = [*python_with_aigate(lab.aigate), "-c", PROGRAM]
    script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    command = [*lab.as_user(user), "unshare", "--user", "--map-root-user", "sh", "-c", script, "-", *python]
    done = lab.enter(lab.host, command, capture_output=True)
    assert done.returncode == 0, done.stderr
    works, _, remedy = json.loads(done.stdout)["allow_net"]
    assert not works
    assert "max_user_namespaces" in remedy
