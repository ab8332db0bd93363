"""The scripts of the GitHub Action do what its inputs say, as a runner's bash runs them."""

from __future__ import annotations

import pathlib
import subprocess

import pytest
import yaml
from sandbox import Sandbox

ACTION = pathlib.Path(__file__).parents[2] / "packaging/github-action/action.yml"
KEY = "sk-ant-api03-EXAMPLEexample0123456789EXAMPLE"


def step(sandbox: Sandbox, name: str, given: str = "", **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run one step of the action; `aigate` is found as it is after the step that installs it.

    given: shell functions that stand in for programs.
    """
    steps = yaml.safe_load(ACTION.read_text())["runs"]["steps"]
    script = next(item["run"] for item in steps if item["name"] == name)
    found = f'aigate() {{ {" ".join(sandbox.prefix)} "$@"; }}\n{given}'
    variables = [f"AIGATE_{key.upper()}={value}" for key, value in inputs.items()]
    return sandbox.outside(
        "env", *variables, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found + given + script
    )


def test_a_script_runs_in_the_sandbox_with_its_options(sandbox: Sandbox) -> None:
    sandbox.config("deny_read: [.env]\nmask_stdout: {presets: [all]}\n")
    (sandbox.project / ".env").write_text("A=1\n")
    script = f"cat .env || echo hidden\necho {KEY}\n"
    done = step(sandbox, "Run in the sandbox", script=script, options="--quiet\n\n--require=mask\n")
    assert (done.returncode, done.stdout) == (0, "hidden\nsk-ant-***\n")


def test_a_script_that_fails_fails_the_step(sandbox: Sandbox) -> None:
    sandbox.config("deny_read: [.env]\n")
    done = step(sandbox, "Run in the sandbox", script="false | true\necho not reached\n", options="")
    assert (done.returncode, done.stdout) == (1, "")


def test_masking_keeps_the_status(sandbox: Sandbox) -> None:
    sandbox.config("mask_stdout: {presets: [all]}\n")
    done = step(sandbox, "Mask", script=f"echo {KEY} >&2\nexit 7\n")
    assert (done.returncode, done.stdout) == (7, "sk-ant-***\n")


@pytest.mark.parametrize(
    ("switch", "said"), [("echo 1", "as root: aigate doctor --fix\n"), ("echo 0", ""), ("false", "")]
)
def test_where_namespaces_are_kept_for_programs_with_a_profile_aigate_gets_one(
    sandbox: Sandbox, switch: str, said: str
) -> None:
    given = f'cat() {{ {switch}; }}\nsudo() {{ echo "as root: $*"; }}\n'
    done = step(sandbox, "Let aigate make sandboxes", given)
    assert (done.returncode, done.stdout) == (0, said)
