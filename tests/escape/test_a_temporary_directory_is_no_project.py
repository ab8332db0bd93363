"""Where everybody can write there is no project."""

from __future__ import annotations

import pathlib

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize("place", ["/tmp", "/var/tmp"])
def test_a_temporary_directory_is_no_project(sandbox: Sandbox, place: str) -> None:
    before = set(pathlib.Path(place).iterdir())
    done = sandbox.run("true", cwd=pathlib.Path(place))
    assert done.returncode == 1
    assert "directory of its own" in done.stderr
    assert not {path for path in set(pathlib.Path(place).iterdir()) - before if path.name.startswith(".aigate")}
