"""The sessions that the manual shows are run, and print what the pages say."""

from __future__ import annotations

import pathlib
import shlex

import pytest
from manual import PAGES, ROOT, as_pattern, sessions
from sandbox import Sandbox

WITH_SESSIONS = [page for page in PAGES if list(sessions(page))]
STAND_IN = '#!/bin/sh\necho "${0##*/} $*"\n'
AGENTS = ("claude", "aider")


@pytest.fixture
def newcomer(sandbox: Sandbox) -> Sandbox:
    """Give a home without a config, a project with a secret in it, and agents where no agent can write."""
    sandbox.path("~/.aigate/config.yaml").unlink()
    sandbox.project = sandbox.home / "shop"
    sandbox.write("~/shop/.env", "PASSWORD=of-the-shop\n")
    assert sandbox.outside("git", "init", "-q").returncode == 0
    programs = sandbox.home.parent / "bin"
    programs.mkdir()
    for name in AGENTS:
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)
    (programs / "aigate").write_text(f'#!/bin/sh\nexec {shlex.join(sandbox.prefix)} "$@"\n')
    (programs / "aigate").chmod(0o755)
    sandbox.extra["PATH"] = f"{programs}:/usr/bin:/bin"
    return sandbox


@pytest.mark.only("user")
@pytest.mark.parametrize("page", WITH_SESSIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page(newcomer: Sandbox, page: pathlib.Path) -> None:
    steps = [step for session in sessions(page) for step in session]
    if "aigate init" not in steps[0][0]:
        assert newcomer.aigate("init").returncode == 0
    for command, lines, status in steps:
        done = newcomer.outside("sh", "-c", f"{command} 2>&1")
        if "aigate doctor" in command:
            continue  # its status is the machine's
        assert done.returncode == status, f"{command}\n{done.stdout}"
        assert as_pattern(lines).fullmatch(done.stdout), f"{command}\n{done.stdout}"


def test_the_pages_are_there() -> None:
    names = {page.name for page in WITH_SESSIONS}
    assert names >= {"start.md", "agents.md", "ci.md", "company.md", "containers.md"}
