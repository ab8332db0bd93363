"""IPv6 is off where it cannot be filtered."""

import shutil

import pytest
from netlab import DENIED6


@pytest.fixture(params=["slirp"])
def mode(request):
    return request.param


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
