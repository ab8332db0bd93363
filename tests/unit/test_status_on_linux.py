"""`aigate status` names what can be here: no places of macOS on Linux, though the list has them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from config_home import Home

from aigate.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("system", "shown"), [("linux", False), ("darwin", True)])
def test_places_of_macos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], system: str, shown: bool
) -> None:
    home = Home(tmp_path)
    home.write("deny_read: [.env, ~/Library/Keychains/, '!~/Library/x']\n")
    monkeypatch.setenv("HOME", home.home)
    monkeypatch.chdir(home.project)
    monkeypatch.setattr(sys, "platform", system)
    assert main(["status"]) == 0
    out = capfd.readouterr().out
    assert ".env" in out
    assert ("~/Library/" in out) is shown
