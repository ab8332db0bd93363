"""What a program inside has looked for in vain, and what comes there outside then, is covered all the same.

An overlay remembers that a name was missing for as long as memory allows, and would show what is there as soon as it
has forgotten.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator

import pytest
from meanwhile import wait_until
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
LOOK = "cat ~/.netrc ~/found/.env conf/.env; ls conf/secrets"
PLACES = ("~/.netrc", "~/found/.env", "conf/.env", "conf/secrets")


@contextlib.contextmanager
def looked(sandbox: Sandbox, project: str, late: str) -> Iterator[subprocess.Popen[str]]:
    """Give a run that has looked, and looks again when it is told to."""
    sandbox.config(
        f'home: layer\nproject: {project}\nlate: {late}\ndeny_read: [.env, secrets/, ~/.netrc, "~/**/.env"]\n'
    )
    sandbox.write("~/found/other", "x\n")
    sandbox.write("conf/other", "x\n")
    run = subprocess.Popen(
        [*sandbox.prefix, "run", "--quiet", "--", "sh", "-c", f"{LOOK}; echo ready; read go; exec 2>&1; {LOOK}"],
        cwd=sandbox.project, env=sandbox.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, **sandbox.identity(),
    )  # fmt: skip
    with run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        for path in (*PLACES[:-1], "conf/secrets/key"):
            sandbox.write(path, f"{SECRET}\n")
        yield run


@pytest.mark.everywhere
@pytest.mark.parametrize("project", ["layer", "writable"])
def test_while_a_run_lasts(sandbox: Sandbox, project: str) -> None:
    with looked(sandbox, project, "hide") as run:
        log = sandbox.home / ".aigate/audit.jsonl"
        wait_until(lambda: log.read_text().count('"hidden"') >= len(PLACES))
        said, _ = run.communicate("\n")
    assert said.count("Permission denied") == len(PLACES), said
    assert SECRET not in said


@pytest.mark.everywhere
@pytest.mark.parametrize("project", ["layer", "writable"])
def test_by_a_run_beside_it(sandbox: Sandbox, project: str) -> None:
    """Which has its own covers, over the same layer."""
    with looked(sandbox, project, "tell") as run:
        done = sandbox.shell(LOOK)
        run.communicate("\n")
    assert SECRET not in done.stdout
    assert done.stderr.count("Permission denied") == len(PLACES), done.stderr
