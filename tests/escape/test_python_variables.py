"""Variables that Python itself obeys, led into the project."""

from __future__ import annotations

import os
import pathlib

import pytest
from planted import VERSION, Planted
from sandbox import Sandbox

STANDARD_LIBRARY = pathlib.Path(os.__file__).parent


def test_the_standard_library_does_not_come_from_the_project(sandbox: Sandbox) -> None:
    planted = Planted(sandbox)
    planted.module(f"python/lib/{VERSION}/sitecustomize.py")
    library = sandbox.project / "python/lib" / VERSION
    for entry in STANDARD_LIBRARY.iterdir():
        if entry.name != "sitecustomize.py":
            (library / entry.name).symlink_to(entry)
    sandbox.extra["PYTHONHOME"] = str(sandbox.project / "python")
    assert not planted.runs_at_next_start()


VARIABLES = {
    "PYTHONSTARTUP": "src/planted.py",
    "PYTHONBREAKPOINT": "planted.run",
    "PYTHONWARNINGS": "error::planted.Warned",
    "PYTHONPLATLIBDIR": "src",
    "PYTHONEXECUTABLE": "src/python",
    "PYTHONINSPECT": "1",
}


@pytest.mark.parametrize("variable", VARIABLES)
def test_no_other_variable_of_pythons_counts(sandbox: Sandbox, variable: str) -> None:
    planted = Planted(sandbox)
    planted.module("src/planted.py")
    sandbox.extra |= {variable: VARIABLES[variable], "PYTHONPATH": "src"}
    assert not planted.runs_at_next_start()
