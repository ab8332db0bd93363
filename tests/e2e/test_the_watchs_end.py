"""A run whose watch is gone ends where watch is required, and tells it otherwise; a killed run leaves nothing."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest
from meanwhile import descendants, meanwhile, wait_until
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


def watchers(running: subprocess.Popen[str]) -> list[int]:
    """Return the two processes that watch: those of aigate's own program that no launcher has become."""
    program = os.readlink(f"/proc/{running.pid}/exe")
    own = [pid for pid in descendants(running.pid) if _leads_to(f"/proc/{pid}/exe") == program]
    return [pid for pid in own if "anon_inode:inotify" in _open_in(pid)]


def _open_in(process: int) -> list[str]:
    try:
        return [_leads_to(f"/proc/{process}/fd/{descriptor}") for descriptor in os.listdir(f"/proc/{process}/fd")]
    except FileNotFoundError:  # it has ended
        return []


def _leads_to(link: str) -> str:
    try:
        return os.readlink(link)
    except FileNotFoundError:  # it is closed by now
        return ""


@pytest.mark.parametrize("required", [True, False])
def test_the_watcher_is_killed(sandbox: Sandbox, required: bool) -> None:
    def kill(running: subprocess.Popen[str]) -> None:
        (watcher,) = watchers(running)
        os.kill(watcher, signal.SIGKILL)
        if required:
            running.wait(60)

    options = ("--quiet", *(("--require", "watch") if required else ()))
    told = meanwhile(sandbox, kill, "echo went on", options=options)
    if required:
        assert (told.returncode, told.stdout) == (1, "")
        assert "what watched its files is gone" in told.stderr
    else:
        assert (told.returncode, told.stdout) == (0, "went on\n")
        assert "the watch ended before the run did" in told.stderr


def test_aigate_is_killed(sandbox: Sandbox) -> None:
    """Its watch moves away what is there in the last moment, and goes."""
    left: list[int] = []

    def kill(running: subprocess.Popen[str]) -> None:
        left.extend(descendants(running.pid))
        (sandbox.project / ".envrc").write_text("evil\n")
        running.kill()
        running.wait(60)

    meanwhile(sandbox, kill, ":")
    assert left
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in left))
    assert not (sandbox.project / ".envrc").exists()
    names = {path.name for path in sandbox.home.rglob("*") if ".aigate" not in path.parts and ".git" not in path.parts}
    assert names == {"project"}
