"""The kernel's own file systems are read-only wherever they are mounted."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.only("root")
def test_the_kernels_switches_in_a_chroot_below_the_home(sandbox: Sandbox) -> None:
    """Root alone may write there. Opening for writing is enough to know."""
    for name in ("proc", "sys"):
        (sandbox.home / name).mkdir()
    inner = " ".join(sandbox.prefix)
    attack = "exec 9>> ~/proc/sys/kernel/core_pattern"
    # What is writable there may be the layer's own copy, by which nothing reaches the kernel.
    other = "exec 9>> ~/sys/kernel/mm/ksm/run; stat -L -f -c %T /proc/self/fd/9 | grep -v overlay"
    script = f"""cd {sandbox.project} && mount -t proc proc ../proc && mount -t sysfs sysfs ../sys && unshare -m sh -c '
        {inner} run -q -- sh -c "{attack}" || {inner} run -q -- sh -c "{other}" || echo held'"""
    done = sandbox.execute(["unshare", "--mount", "sh", "-c", script])
    assert done.stdout == "held\n", done.stderr
