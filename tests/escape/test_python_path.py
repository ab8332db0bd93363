"""PYTHONPATH=src, as many projects' .env files have it, and modules that Python or aigate would import from there."""

from __future__ import annotations

import pytest
from planted import Planted
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize("name", ["sitecustomize", "yaml", "click", "aigate", "os", "_masker"])
def test_modules_of_the_project_are_not_imported(sandbox: Sandbox, name: str) -> None:
    planted = Planted(sandbox)
    planted.module(f"src/{name}.py")
    sandbox.extra["PYTHONPATH"] = "src:."
    assert not planted.runs_at_next_start()


def test_a_cache_of_compiled_modules_is_not_read_from_the_project(sandbox: Sandbox) -> None:
    sandbox.extra["PYTHONPYCACHEPREFIX"] = str(sandbox.project / "cache")
    assert sandbox.aigate("status").returncode == 0
    assert not (sandbox.project / "cache").exists()


def test_the_command_has_the_variables_that_aigate_does_not_obey(sandbox: Sandbox) -> None:
    sandbox.config("resource_limits: {}\n")
    given = {"PYTHONPATH": "src", "LD_LIBRARY_PATH": "lib", "GCONV_PATH": "g", "LANG": "de_DE.UTF-8", "EMPTY": ""}
    sandbox.extra |= given
    expected = {**sandbox.environment, "AIGATE_SANDBOX": sandbox.backend}
    done = sandbox.run("env", "-0")
    assert dict(line.split("=", 1) for line in done.stdout.split("\0") if line) == expected
