"""Who holds a lock on a config file cannot make the user's edit wait for ever."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import pytest
from config_home import Home

from aigate.cli import main
from aigate.config import rewrite

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    made = Home(tmp_path)
    made.write("deny_read: [.env]\n")
    made.write_project("deny_read: [a]\n")
    monkeypatch.setenv("HOME", made.home)
    monkeypatch.chdir(made.project)
    monkeypatch.setattr(rewrite, "PATIENCE", 0.05)
    return made


def test_an_agents_lock_on_the_projects_file(home: Home) -> None:
    with open(os.path.join(home.project, ".aigate.yaml"), encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert main(["deny", "read", "--project", "b"]) == 0
    assert [entry.text for entry in home.load().deny_read] == [".env", "a", "b"]


def test_a_lock_on_the_users_own(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    with open(home.config, encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert main(["deny", "read", "b"]) == 1
    assert "config.yaml: is locked by another program\n" in capfd.readouterr().err
