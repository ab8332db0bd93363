"""A copy of aigate with one protection taken out, and what a few of the tests say of it.

The switch is the copy itself: nothing in aigate can be told to leave a protection out.
"""

from __future__ import annotations

import ast
import json
import os
import pathlib
import py_compile
import subprocess
import sys
from dataclasses import dataclass

from sandbox import PREFIX, installed

ROOT = pathlib.Path(__file__).parents[2]
CONTROL = "tests/e2e/test_run.py::test_input_reaches_the_command"
PATIENCE = 1200  # seconds, beside whatever load
SHORT = "20"  # what is waited for may never come without the protection


@dataclass(frozen=True)
class Mutation:
    """One protection. place: module and name in it, `streams.relay:Relay.carry`; instead: what that becomes.

    tests: those of which one must fail. also: more places and what they become, where two protections hold the same.
    tries: how often the tests are asked, where it is decided by a race whether the protection is needed.
    """

    place: str
    instead: str
    tests: tuple[str, ...]
    also: tuple[tuple[str, str], ...] = ()
    tries: int = 1

    def install(self, whole: list[str], target: pathlib.Path) -> list[str]:
        """Make the copy below a directory, of what is started by `whole`; return how to start it."""
        subprocess.run(["cp", "-a", f"{installed(whole)}/.", str(target)], check=True)
        for place, instead in ((self.place, self.instead), *self.also):
            self._take_out(target, place, instead)
        return [str(target / pathlib.Path(whole[0]).relative_to(installed(whole)))]

    @staticmethod
    def _take_out(target: pathlib.Path, place: str, instead: str) -> None:
        module, _, name = place.partition(":")
        path = target / "aigate" / (module.replace(".", "/") + ".py")
        text = path.read_text()
        assert name.partition(".")[0] in defined(text), f"{place} is no longer there: name what protects now"
        if "." in name:
            owner, _, method = name.partition(".")
            assert f"def {method}(" in text, f"{place} is no longer there: name what protects now"
            path.write_text(f"{text}\n\n{owner}.{method} = {instead}\n")
        else:
            path.write_text(f"{text}\n\n{name} = {instead}\n")
        py_compile.compile(str(path))  # nobody else may write there, so nobody would do it later

    def verdicts(self, prefix: list[str]) -> dict[str, set[str]]:
        """Run the tests on the copy until one fails; return the names of those that passed and of those that failed."""
        command = [sys.executable, "-m", "pytest", "-qx", "-rpfE", "--tb=no", "-p", "pytest_timeout"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment |= {PREFIX: json.dumps(prefix), "AIGATE_TESTS": "pairs", "AIGATE_TEST_TIMEOUT": SHORT}
        environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # hypothesis and others take longer than tests
        done = subprocess.run(
            [*command, CONTROL, *self.tests],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        found: dict[str, set[str]] = {"PASSED": set(), "FAILED": set(), "ERROR": set()}
        for line in done.stdout.splitlines():
            verdict, _, rest = line.partition(" ")
            if verdict in found and rest.startswith("tests/"):
                found[verdict].add(rest.partition(" - ")[0])
        return found


def defined(text: str) -> set[str]:
    """Return what a module defines at its top, or imports."""
    names: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def without(call: str) -> str:
    """Return what stands for `aigate._linux` when one of its calls does nothing."""
    return (
        "type('Without', (), {'__getattr__': lambda self, name, real=_linux: "
        f"(lambda *words, **named: None) if name == {call!r} else getattr(real, name)}})()"
    )
