"""Where a limit of the caller's is too low, one line says which, and the command does not run."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
LIMITS = {"-n 3": "ulimit -n", "-n 4": "ulimit -n", "-n 6": "ulimit -n", "-n 16": "ulimit -n", "-f 0": "ulimit -f"}


@pytest.mark.spread("limit")
@pytest.mark.parametrize("limit", LIMITS)
def test_the_hint_names_it(sandbox: Sandbox, limit: str) -> None:
    done = sandbox.execute(
        ["sh", "-c", f'ulimit {limit}; exec "$@"', "sh", *sandbox.prefix, "run", "-q", "touch", "ran"]
    )
    assert done.returncode == 1
    assert [line.startswith("aigate: ") for line in done.stderr.splitlines()] == [True, False], done.stderr
    assert LIMITS[limit] in done.stderr.splitlines()[1]
    assert not (sandbox.project / "ran").exists()


@pytest.mark.only("user")  # the kernel asks nothing of root
def test_whichever_process_cannot_be_had_the_limit_is_named(sandbox: Sandbox) -> None:
    """From no helper at all to all but the last: never that aigate were broken, and never no word."""
    seen = set()
    for number in range(1, 40):
        done = sandbox.execute(["prlimit", f"--nproc={number}", *sandbox.prefix, "run", "-q", "touch", "ran"])
        if done.returncode == 0:
            break
        assert not (sandbox.project / "ran").exists()
        first, hint = done.stderr.splitlines()[-2:]
        assert first.startswith("aigate: "), done.stderr
        assert "ulimit -u" in hint, (number, done.stderr)
        seen.add(first)
    assert done.returncode == 0, done.stderr
    assert seen


@pytest.mark.parametrize("stream", ["input", "output", "error"])
def test_a_directory_is_no_stream(sandbox: Sandbox, stream: str) -> None:
    """A shell opens none for writing; who starts aigate otherwise can."""
    number = ["input", "output", "error"].index(stream)
    done = sandbox.execute(["sh", "-c", f'exec "$@" {number}</', "sh", *sandbox.prefix, "run", "-q", "touch", "ran"])
    assert done.returncode == 1
    said = f"aigate: a directory stands for the standard {stream}\n  hint: give it a file, or /dev/null\n"
    assert done.stderr == (said if stream != "error" else "")
    assert not (sandbox.project / "ran").exists()
