"""Fixtures for tests that run the real thing, as root and as an ordinary user."""

from __future__ import annotations

import os
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Iterator

import pytest
from sandbox import Sandbox, install_for_others, make_user, remove_user

collect_ignore = [] if os.environ.get("AIGATE_CLIENTS") else ["clients"]  # `make test-clients`
WHO = ("root", "user") if os.getuid() == 0 else ("self",)


@pytest.fixture(scope="session")
def ordinary_user() -> Iterator[object]:
    """Make an ordinary user for the time of the session."""
    name = f"aigate-test-{os.getpid()}"
    try:
        yield make_user(name)
    finally:
        remove_user(name)


@pytest.fixture(scope="session")
def readable_install() -> Iterator[list[str]]:
    """Give every user a copy of aigate that it can read."""
    target = pathlib.Path(tempfile.mkdtemp(prefix="aigate-install-", dir="/opt"))
    target.chmod(0o755)
    try:
        yield install_for_others(target)
    finally:
        shutil.rmtree(target)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every user to tests that have a sandbox, and every backend where the module asks for that (BACKENDS).

    Not to those that name a user themselves, nor to those of the network, whose sandboxes stand in a lab (`lab`).
    """
    if "lab" in metafunc.fixturenames:
        return
    marks = metafunc.definition.iter_markers("parametrize")
    if "sandbox" in metafunc.fixturenames and not any(mark.args[0] == "sandbox" for mark in marks):
        backends = getattr(metafunc.module, "BACKENDS", ("bwrap",))
        params = [(who, backend) for backend in backends for who in WHO]
        names = [who if backend == "bwrap" else f"{who}-{backend}" for who, backend in params]
        metafunc.parametrize("sandbox", params, ids=names, indirect=True)


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Give a home with the default config, and a project below it that is a git repository."""
    who, backend = (request.param, "bwrap") if isinstance(request.param, str) else request.param
    if who == "user":
        account = request.getfixturevalue("ordinary_user")
        prefix = request.getfixturevalue("readable_install")
        uid, gid = account.pw_uid, account.pw_gid
        base = pathlib.Path(tempfile.mkdtemp(prefix="t-", dir=account.pw_dir))
    else:
        prefix = [sys.executable, "-m", "aigate"]
        uid, gid = os.getuid(), os.getgid()
        base = pathlib.Path(tempfile.mkdtemp(prefix="aigate-home-", dir="/home" if uid == 0 else None))
    try:
        home = base / "home"
        project = home / "project"
        project.mkdir(parents=True)
        for path in (base, home, project):
            os.chown(path, uid, gid)
        made = Sandbox(home, project, uid, gid, list(prefix), backend)
        assert made.outside("git", "init", "-q", str(project)).returncode == 0
        done = made.aigate("init")
        assert done.returncode == 0, done.stderr
        made.config(made.path("~/.aigate/config.yaml").read_text())
        yield made
    finally:
        shutil.rmtree(base)
