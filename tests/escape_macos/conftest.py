"""A home with a project for attacks on macOS's sandbox, with the real sandbox-exec."""

from __future__ import annotations

import os
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Iterator

import pytest
from macplace import Place

collect_ignore = [] if sys.platform == "darwin" else ["test_attacks.py", "accounts_as_root.py"]


@pytest.fixture
def place() -> Iterator[Place]:
    base = pathlib.Path(tempfile.mkdtemp(prefix="aigate-home-", dir=os.path.realpath(os.path.expanduser("~"))))
    made = Place(base / "home", base / "home" / "project")
    made.project.mkdir(parents=True)
    try:
        assert made.outside("git", "init", "-q", ".").returncode == 0
        done = made.aigate("init")
        assert done.returncode == 0, done.stderr
        yield made
    finally:
        shutil.rmtree(base)
