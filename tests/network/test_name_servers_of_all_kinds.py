"""The host's name server is an unusual one. Names resolve inside as they do on the host."""

import subprocess
import sys
from contextlib import contextmanager

import pytest
from netlab import OLD_PROVIDER, SUPPORT


@contextmanager
def serving(lab, address, how):
    server = lab.start(
        lab.internet, [sys.executable, str(SUPPORT / "netnames.py"), address, how], stdout=subprocess.PIPE
    )
    try:
        assert server.stdout.readline() == b"up\n"
        yield
    finally:
        server.kill()
        server.communicate()


def asked(sandbox, lab, resolv_conf):
    with lab.resolv_conf(resolv_conf):
        (found,) = sandbox.visit(["old.test"], ["tcp", "old.test", 7]).visits
    assert found["ok"], found


@pytest.mark.parametrize("how", ["formerr", "notimp", "silence"])
def test_it_knows_no_edns(sandbox, lab, how):
    with serving(lab, OLD_PROVIDER, how):
        asked(sandbox, lab, f"nameserver {OLD_PROVIDER}\n")


def test_it_takes_three_seconds_for_every_answer(sandbox, lab):
    with serving(lab, OLD_PROVIDER, "slow"):
        asked(sandbox, lab, f"nameserver {OLD_PROVIDER}\n")


def test_it_is_slow_and_not_the_only_one(sandbox, lab):
    with serving(lab, OLD_PROVIDER, "slow"):
        asked(sandbox, lab, f"nameserver {OLD_PROVIDER}\nnameserver 192.52.193.129\n")  # there nobody answers


def test_it_is_to_be_asked_by_tcp_alone(sandbox, lab):
    with serving(lab, OLD_PROVIDER, "stream"):
        asked(sandbox, lab, f"nameserver {OLD_PROVIDER}\noptions edns0 use-vc\n")


def test_it_is_known_by_an_address_of_its_link(sandbox, lab):
    """As routers advertise themselves (RFC 8106): the address means nothing without the interface."""
    lab.enter(lab.internet, ["ip", "addr", "replace", "fe80::53/64", "dev", "home", "nodad"], check=True)
    with serving(lab, "fe80::53%home", "ok"):
        asked(sandbox, lab, "nameserver fe80::53%world\n")
