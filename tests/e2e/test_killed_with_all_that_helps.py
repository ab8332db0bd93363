"""Whenever a run is killed, with everything that would clean up after it, the next run takes back what is left."""

from __future__ import annotations

import os
import pathlib
import random
import signal
import subprocess
import time

from choice import SEED, budget
from leftovers import processes
from meanwhile import wait_until
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
MOMENTS = budget(4, 6, 100)
LONGEST = 0.4  # seconds in which a run comes up and does all of it
GROUPS = pathlib.Path("/sys/fs/cgroup")
LOGIN = '{"claudeAiOauth": {"token": 2}}'
SCRIPT = f"""
for number in 1 2 3 4 5 6 7 8 9; do
    echo '{LOGIN}' > ~/.claude/.credentials.json
    git remote add r$number https://host.invalid/r; git remote remove r$number
    echo x 2> /dev/null > .envrc
done
sleep 600
"""


def state(sandbox: Sandbox) -> dict[str, bytes]:
    """Return every file of the home, with its content where that is to be what it was; not logs and what was moved.

    Nor what is kept of the machine's directories, which others change meanwhile. The repository's config may hold a
    remote more: the run had just made it.
    """
    own = sandbox.path("~/.aigate")
    others = {own / "quarantine", own / "cache"}
    names = ("audit.jsonl", "audit.head", "tried")
    found = {}
    for path in sandbox.home.rglob("*"):
        if not others & set(path.parents) and path.name not in names:
            other = not path.is_file() or own in path.parents or path.name in ("config", ".credentials.json")
            found[str(path.relative_to(sandbox.home))] = b"" if other else path.read_bytes()
    return found


def kill_all(run: subprocess.Popen[bytes], mark: str) -> None:
    """Kill aigate and all of its processes, those that it had just begun to fork included."""
    run.kill()
    run.wait()
    while found := processes(mark):
        for process in found:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        wait_until(lambda found=found: not any(os.path.exists(f"/proc/{process}") for process in found))


def test_killed_with_all_that_helps(sandbox: Sandbox) -> None:
    sandbox.write("server.pem")
    sandbox.write("~/.claude/.credentials.json", LOGIN, 0o600)
    sandbox.outside("git", "add", "-A")
    moments = random.Random(SEED)  # noqa: S311 -- moments, not secrets
    options = ("--quiet", "--profile", "claude")
    argv = [*sandbox.prefix, "run", *options, "--", "sh", "-c", SCRIPT]
    assert sandbox.run("sh", "-c", SCRIPT.replace("sleep 600", "exit 0"), options=options).returncode == 0
    before = state(sandbox)
    for _ in range(MOMENTS):
        moment = moments.uniform(0, LONGEST)
        run = subprocess.Popen(
            argv, cwd=sandbox.project, env=sandbox.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **sandbox.identity(),
        )  # fmt: skip
        time.sleep(moment)
        kill_all(run, str(sandbox.home))
        sandbox.path(".envrc").unlink(missing_ok=True)  # nobody was left who could have moved it
        done = sandbox.run("true", options=options)
        assert done.returncode == 0, f"killed after {moment} s: {done.stderr}"
        now = state(sandbox)
        assert {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)} == set(), moment
        assert list(GROUPS.rglob(f"aigate-{run.pid}-*")) == []
