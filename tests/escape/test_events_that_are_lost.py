"""More happens than the kernel keeps for the watch (inotify(7), IN_Q_OVERFLOW): what was replaced then is watched, too.

The watch is stopped meanwhile; a flood that is fast enough would do.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

import pytest
from meanwhile import descendants, meanwhile, wait_until
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
KEPT = int(pathlib.Path("/proc/sys/fs/inotify/max_queued_events").read_text())


def watched(run: int) -> dict[int, set[int]]:
    """Return the inodes that each process of a run watches."""
    found: dict[int, set[int]] = {}
    for process in descendants(run):
        for path in pathlib.Path(f"/proc/{process}/fdinfo").glob("*"):
            with contextlib.suppress(OSError):  # it has been closed, or is nobody's business
                lines = [line.split() for line in path.read_text().splitlines() if line.startswith("inotify ")]
                found.setdefault(process, set()).update(int(line[2].removeprefix("ino:"), 16) for line in lines)
    return found


@pytest.mark.parametrize("how", ["removed", "renamed"])
def test_a_directory_that_is_replaced_meanwhile(sandbox: Sandbox, how: str) -> None:
    place = sandbox.write("d/deep/file").parents[1]

    def act(running: subprocess.Popen[str]) -> None:
        old = place.stat().st_ino
        wait_until(lambda: any(old in inodes for inodes in watched(running.pid).values()))
        watcher = next(process for process, inodes in watched(running.pid).items() if old in inodes)
        os.kill(watcher, signal.SIGSTOP)
        try:
            for number in range(KEPT // 2 + 1):
                flood = sandbox.path(f"flood-{number % 2}")
                flood.touch()
                flood.unlink()
            if how == "removed":
                shutil.rmtree(place)
            else:
                place.rename(sandbox.path("elsewhere"))
            sandbox.write("d/deep/file")
        finally:
            os.kill(watcher, signal.SIGCONT)
        new = (place / "deep").stat().st_ino
        wait_until(lambda: new in watched(running.pid).get(watcher, set()))

    told = meanwhile(sandbox, act, "echo evil > d/.envrc; echo evil > d/deep/.envrc; echo end")
    assert told.stdout == "end\n", told.stderr
    assert not [path for path in sandbox.project.rglob(".envrc") if path.exists()], told.stderr
