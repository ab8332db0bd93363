"""The machine's own switches cannot be written to."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
PATHS = ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/sys/kernel/mm/ksm/run", "/etc/passwd")


@pytest.mark.everywhere
def test_the_machines_own_switches(sandbox: Sandbox) -> None:
    """Opening for writing is enough to know; nothing is written, should the protection fail."""
    done = sandbox.shell("for path; do (exec 9>> $path) && echo $path; done", *PATHS)
    assert done.stdout == ""
    assert done.stderr.count("cannot create") == len(PATHS)
