"""The jobs of packaging/gitlab and the steps of packaging/buildkite do what they say, each line as a runner runs it."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess

import yaml
from sandbox import Sandbox

PACKAGING = pathlib.Path(__file__).parents[2] / "packaging"
GITLAB = PACKAGING / "gitlab/aigate.gitlab-ci.yml"
BUILDKITE = PACKAGING / "buildkite/pipeline.yml"
KEY = "sk-ant-api03-EXAMPLEexample0123456789EXAMPLE"
AGENT = "#!/bin/sh\ncat .env || echo hidden\n"
DEPLOY = f"#!/bin/sh\necho {KEY}\nexit 7\n"


def program(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def lines(sandbox: Sandbox, *script: str) -> subprocess.CompletedProcess[str]:
    """Run lines as both runners do: in one bash, which ends where one fails. `aigate` is on PATH."""
    program(sandbox.home / "bin/aigate", f'#!/bin/sh\nexec {" ".join(sandbox.prefix)} "$@"\n')
    return sandbox.outside(
        "bash", "-c", "\n".join(["set -eo pipefail", f"PATH={sandbox.home}/bin:$PATH", "python() { :; }", *script])
    )


def job(name: str) -> list[str]:
    """Return the lines of a job of GitLab's file, or of the one that it shows, with those that come before."""
    text = GITLAB.read_text()
    jobs = yaml.safe_load(text)
    shown = [line.removeprefix("#") for line in text.splitlines() if line.startswith("#   ")]
    jobs |= yaml.safe_load("\n".join(shown))
    assert jobs[name]["extends"] == ".aigate"
    return [*jobs[".aigate"]["before_script"], *jobs[name]["script"]]


def step(label: str) -> str:
    steps = yaml.safe_load(BUILDKITE.read_text())["steps"]
    return str(next(one["command"] for one in steps if one["label"] == label))


def test_gitlabs_example_runs_an_agent_and_masks_what_a_script_prints(sandbox: Sandbox) -> None:
    shutil.rmtree(sandbox.home / ".aigate", ignore_errors=True)
    (sandbox.project / ".env").write_text("A=1\n")
    program(sandbox.project / "agent", AGENT)
    program(sandbox.project / "deploy.sh", DEPLOY)
    done = lines(sandbox, *job("fix"))
    assert done.returncode == 7  # of the script, not of the filter behind it
    assert done.stdout.endswith("hidden\nsk-ant-***\n"), (done.stdout, done.stderr)


def test_gitlabs_job_fails_where_a_file_holds_a_secret_and_says_where(sandbox: Sandbox) -> None:
    (sandbox.project / "build.log").write_text("all well\n")
    assert lines(sandbox, *job("aigate-check-logs")).returncode == 0
    (sandbox.project / "build.log").write_text(f"all well\nkey {KEY}\n")
    assert lines(sandbox, *job("aigate-check-logs")).returncode == 3  # found
    (run,) = json.loads((sandbox.project / "found.sarif").read_text())["runs"]
    (place,) = run["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"].endswith("build.log")
    assert place["physicalLocation"]["region"]["startLine"] == 2
    assert KEY not in json.dumps(run)


def test_buildkites_steps_run_an_agent_mask_a_build_and_look_through_what_is_kept(sandbox: Sandbox) -> None:
    assert lines(sandbox, "aigate init --force").returncode == 0
    (sandbox.project / ".env").write_text("A=1\n")
    program(sandbox.project / "agent", AGENT)
    program(sandbox.project / "build.sh", DEPLOY)
    done = lines(sandbox, step("agent in the sandbox"))
    assert (done.returncode, done.stdout) == (0, "hidden\n"), done.stderr
    done = lines(sandbox, step("build, with its log masked"))
    assert (done.returncode, done.stdout) == (7, "sk-ant-***\n")
    program(sandbox.project / "artifacts/log", "all well\n")
    assert lines(sandbox, step("no secret in what is kept")).returncode == 0
    program(sandbox.project / "artifacts/log", KEY)
    assert lines(sandbox, step("no secret in what is kept")).returncode == 3
    assert (sandbox.project / "found.sarif").exists()
