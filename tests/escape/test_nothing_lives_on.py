"""What the command started ends with it."""

from __future__ import annotations

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


def test_nothing_lives_on_after_the_command(sandbox: Sandbox) -> None:
    """The one that would holds a lock, which nobody but the kernel takes from it."""
    script = "exec 9>held; flock 9; setsid -f sleep 600 >/dev/null 2>&1; flock -n held true || echo is held"
    done = sandbox.shell(script)
    assert (done.returncode, done.stdout) == (0, "is held\n"), done.stderr
    assert sandbox.outside("flock", "--nonblock", "held", "true").returncode == 0
