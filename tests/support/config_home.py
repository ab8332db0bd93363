"""A home and a project in a temporary folder, for tests of the config."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aigate.cli import main
from aigate.config.load import load_config

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from aigate.config.model import Config, Entry


class Home:
    """home: the user's; project: a folder beside it."""

    def __init__(self, root: Path) -> None:
        self.home = str(root / "home")
        self.project = str(root / "work" / "project")
        self.state = os.path.join(self.home, ".aigate")
        self.config = os.path.join(self.state, "config.yaml")
        os.makedirs(self.state, 0o700)
        os.makedirs(self.project)

    def write(self, text: str) -> None:
        write(self.config, text)

    def write_project(self, text: str, folder: str = "") -> str:
        path = os.path.join(self.project, folder, ".aigate.yaml")
        write(path, text)
        return path

    def load(self, folder: str = "") -> Config:
        return load_config(None, os.path.join(self.project, folder), home=self.home)


class CommandLines(Home):
    """Command lines of aigate in a home, run in this process."""

    def __init__(self, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
        super().__init__(root)
        self.capfd = capfd

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Return the status, and what was printed to the two streams."""
        self.capfd.readouterr()
        status = main(list(words))
        printed = self.capfd.readouterr()
        return status, printed.out, printed.err


def write(path: str, text: str) -> None:
    """Write a text file, 0600."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def read(path: str) -> str:
    """Return a text file's content."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def texts(entries: tuple[Entry, ...] | None) -> list[str] | None:
    """Return the entries without their places."""
    return None if entries is None else [entry.text for entry in entries]
