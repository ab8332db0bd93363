"""Real coding agents, installed where $AIGATE_CLIENTS says (`make test-clients`), and a home for each test."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import pytest
from agents import BASE, ENVIRONMENT, HOOKED, NPM, PYPI, claude_settings, end_daemons, install
from sandbox import Sandbox

INSTALLED_SECONDS = 1500  # for the first test: half a gigabyte of agents, beside whatever load


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give what needs the agents the time to install them."""
    for item in items:
        if "installed" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(INSTALLED_SECONDS))


@pytest.fixture(scope="session")
def installed() -> dict[str, str]:
    """Install the clients that are not there yet; give the path of each, or why there is none after a `!`."""
    where = pathlib.Path(os.environ["AIGATE_CLIENTS"]).absolute()
    where.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, package in (NPM | HOOKED).items():
        found[name] = install(
            where / "node_modules/.bin" / name,
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(where), package],
        )
    for name, package in PYPI.items():
        venv = where / "venv"
        if not venv.exists():
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        found[name] = install(venv / "bin" / name, [str(venv / "bin/pip"), "install", "--quiet", package])
    return found


@pytest.fixture
def place():
    """Give a home with the default config, but for the network, which is open so that the stand-in is reached."""
    with tempfile.TemporaryDirectory(prefix="aigate-clients-", dir=BASE, ignore_cleanup_errors=True) as base:
        home = pathlib.Path(base) / "home"
        project = home / "project"
        project.mkdir(parents=True)
        made = Sandbox(
            home, project, os.getuid(), os.getgid(), [sys.executable, "-m", "aigate"], extra=dict(ENVIRONMENT)
        )
        assert made.outside("git", "init", "-q", str(project)).returncode == 0
        for name, value in (("user.name", "A"), ("user.email", "a@example.org")):
            assert made.outside("git", "config", name, value).returncode == 0
        assert made.aigate("init").returncode == 0
        config = (home / ".aigate/config.yaml").read_text()
        hosts = "\nallow_net:\n  - api.anthropic.com\n  - api.openai.com\n  - api.github.com\n"
        assert hosts in config
        made.config(config.replace(hosts, "\n"))
        made.write("~/.claude.json", json.dumps(claude_settings(project)))
        yield made
        end_daemons(str(home))
