"""What was found, and is removed or renamed before anything could be mounted over it, opens nothing and stops no start.

The first process of a sandbox is stopped (strace) before it makes a namespace: by then the search is over.
"""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess

import pytest
from meanwhile import descendants, wait_until
from sandbox import SECRET, TIMEOUT, Sandbox

BACKENDS = ("bwrap", "unshare")
STOPPED = ["strace", "-f", "-qqq", "-o", "/dev/null", "-e", "trace=unshare", "-e", "inject=unshare:signal=STOP:when=1"]


def state(process: int) -> str:
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""


def start_around(sandbox: Sandbox, act: str, script: str) -> subprocess.CompletedProcess[str]:
    """Start a run, let `act` happen outside when everything was looked for and nothing mounted, and go on.

    What a first run tries out with namespaces of its own has been tried by then.
    """
    assert sandbox.run("true").returncode == 0
    words = [*STOPPED, *sandbox.prefix, "run", "--quiet", "--", "sh", "-c", script]
    options = {"cwd": sandbox.project, "env": sandbox.environment, "stdin": subprocess.DEVNULL, **sandbox.identity()}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options) as run:

        def waiting() -> list[int]:
            return [each for each in descendants(run.pid) if state(each) in ("t", "T")]

        def go_on() -> bool:
            for each in waiting():
                os.kill(each, signal.SIGCONT)
            return run.poll() is not None

        wait_until(lambda: bool(waiting()) or run.poll() is not None)
        done = sandbox.outside("sh", "-ec", act)
        assert done.returncode == 0, done.stderr
        wait_until(go_on)
        stdout, stderr = run.communicate(timeout=TIMEOUT)
    return subprocess.CompletedProcess(words, run.returncode, stdout, stderr)


def test_what_was_removed_stops_no_start(sandbox: Sandbox) -> None:
    sandbox.write("deep/er/.env")
    sandbox.write("beside.pem")
    done = start_around(sandbox, "rm -r deep beside.pem", "ls -d deep/er/.env 2>/dev/null; echo end")
    assert (done.returncode, done.stdout) == (0, "end\n"), done.stderr


@pytest.mark.spread("act")
@pytest.mark.parametrize("act", ["mv deep moved", "mkdir moved; mv deep/er/.env moved"])
def test_what_was_renamed_is_hidden_where_it_is_now(sandbox: Sandbox, act: str) -> None:
    sandbox.write("deep/er/.env")
    done = start_around(sandbox, act, "find . -name .env -exec cat {} +; echo end")
    assert SECRET not in done.stdout
    assert done.stdout.endswith("end\n"), done.stderr


def test_what_was_protected_does_not_come_back(sandbox: Sandbox) -> None:
    sandbox.write(".envrc", "use flake\n")
    done = start_around(sandbox, "rm .envrc", "echo planted > .envrc; echo end")
    assert done.stdout == "end\n", done.stderr
    assert not sandbox.path(".envrc").exists()
    assert "quarantine" in done.stderr
