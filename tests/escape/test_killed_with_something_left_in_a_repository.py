"""What git outside would run is taken out of a repository that was there also where aigate itself was killed."""

from __future__ import annotations

import subprocess

import pytest
from meanwhile import wait_until
from sandbox import Sandbox

LEFT = """
mkdir .git/rebase-merge && echo "exec touch $PWD/ran" > .git/rebase-merge/git-rebase-todo
echo up; read line
"""


@pytest.mark.everywhere
def test_a_rebase_that_would_run_something(sandbox: Sandbox) -> None:
    assert sandbox.outside("git", "init", "-q").returncode == 0
    run = subprocess.Popen(
        [*sandbox.prefix, "run", "--quiet", "--", "sh", "-c", LEFT],
        cwd=sandbox.project,
        env=sandbox.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **sandbox.identity(),
    )
    with run:
        assert run.stdout.readline() == b"up\n"
        assert (sandbox.project / ".git/rebase-merge").exists()
        run.kill()
    wait_until(lambda: not (sandbox.project / ".git/rebase-merge").exists())
    wait_until(lambda: "rebase-merge" in sandbox.aigate("quarantine").stdout)  # which may be told a moment later
