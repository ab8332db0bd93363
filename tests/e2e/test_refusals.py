"""What cannot be enforced stops the run, with one clear line and a hint."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BREAKS = {
    "user namespaces switched off": ("echo 0 > /proc/sys/user/max_user_namespaces", "user.max_user_namespaces"),
    "/proc masked as in a container": ("mount -t tmpfs none /proc/irq", "container"),
    "bwrap missing": ("mount -t tmpfs none /usr/local && mount --bind /dev/null /usr/bin/bwrap", "bubblewrap"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_machine_on_which_no_sandbox_can_be_made(sandbox: Sandbox, name: str) -> None:
    how, hint = BREAKS[name]
    inner = " ".join(sandbox.prefix)
    script = f"{how} && exec {inner} run -q -- touch ran"
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "sh", "-c", script])
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[-2].startswith("aigate: ")
    assert lines[-1].startswith("  hint: ")
    assert hint in lines[-1]
    assert not (sandbox.project / "ran").exists()
