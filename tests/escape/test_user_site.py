"""Files that Python's `site` executes: .pth files and customizations in the directories of a user, and of a project."""

from __future__ import annotations

import pytest
from planted import VERSION, Planted
from sandbox import Sandbox


@pytest.mark.parametrize("name", ["planted.pth", "usercustomize.py", "sitecustomize.py"])
def test_nothing_in_the_users_site_directory_is_run(sandbox: Sandbox, name: str) -> None:
    planted = Planted(sandbox)
    planted.line(f"~/.local/lib/{VERSION}/site-packages/{name}")
    assert not planted.runs_at_next_start()


def test_nothing_in_a_user_base_of_the_project_is_run(sandbox: Sandbox) -> None:
    planted = Planted(sandbox)
    planted.line(f"base/lib/{VERSION}/site-packages/planted.pth")
    sandbox.extra["PYTHONUSERBASE"] = str(sandbox.project / "base")
    assert not planted.runs_at_next_start()
