"""Where watches run out, a run that requires them does not start, or ends; any other says what is not watched."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
FEW = 40  # enough for what is covered outside of the project


def run(sandbox: Sandbox, script: str, *options: str, watches: int) -> tuple[int, str, str]:
    """Run a script where the user may watch few directories, by a limit of a namespace of the test's own."""
    sandbox.config("home: readonly\ndeny_read: [.env]\ndeny_write: []\n")
    limited = f'echo {watches} > /proc/sys/user/max_inotify_watches; exec "$@"'
    words = ["unshare", "--map-root-user", "sh", "-c", limited, "sh", *sandbox.prefix, "run", "--quiet", *options]
    done = sandbox.execute([*words, "--", "sh", "-c", script])
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def wide(sandbox: Sandbox) -> Sandbox:
    sandbox.outside("sh", "-c", f"mkdir -p $(seq -f wide/%g {FEW})")
    return sandbox


def test_a_run_that_requires_them_does_not_start(wide: Sandbox) -> None:
    status, printed, said = run(wide, "echo started", "--require", "watch", watches=FEW)
    assert (status, printed) == (1, ""), said
    assert "watch is required, and " in said


def test_a_run_that_requires_them_ends_when_there_are_no_more(sandbox: Sandbox) -> None:
    status, printed, said = run(
        sandbox, f"mkdir -p $(seq -f wide/%g {FEW}); sleep 600; echo went on", "--require", "watch", watches=FEW
    )
    assert status == 1
    assert "went on" not in printed
    assert "the run was ended: " in said
    assert "/wide" in said


def test_any_other_run_says_what_is_not_watched(wide: Sandbox) -> None:
    status, printed, said = run(wide, "echo started", watches=FEW)
    assert (status, printed) == (0, "started\n"), said
    assert said.count("not watched, for want of watches") == 1
    assert "/wide/" in said


def test_enough_are_enough(wide: Sandbox) -> None:
    assert run(wide, "echo started", "--require", "watch", watches=1000) == (0, "started\n", "")
