"""The attacks here can tell something: the tools that they use are there, and work."""

from __future__ import annotations

import shutil
import subprocess

BACKENDS = ("bwrap", "unshare")


def test_the_tools_these_attacks_need_are_there() -> None:
    for tool in ("unshare", "nsenter", "mount", "umount", "chroot", "python3", "tar"):
        assert shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin"), tool
    assert subprocess.run(["unshare", "-Ur", "true"]).returncode == 0
