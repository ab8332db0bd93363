"""The host's name server knows no EDNS: it says so, or stays silent. Names resolve inside as they do on the host."""

import subprocess
import sys

import pytest
from netlab import OLD_PROVIDER, SUPPORT


@pytest.mark.parametrize("how", ["formerr", "notimp", "silence"])
def test_an_allowed_name_resolves(sandbox, lab, how):
    server = lab.start(
        lab.internet, [sys.executable, str(SUPPORT / "netnames.py"), OLD_PROVIDER, how], stdout=subprocess.PIPE
    )
    try:
        assert server.stdout.readline() == b"up\n"
        with lab.resolv_conf(f"nameserver {OLD_PROVIDER}\n"):
            (found,) = sandbox.visit(["old.test"], ["tcp", "old.test", 7]).visits
    finally:
        server.kill()
        server.communicate()
    assert found["ok"], found
