"""What is said before a command starts, to whom it is said, and what ends a start that is not wanted any more."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import tempfile
import time

import pytest
from sandbox import Sandbox

FULL = "/dev/full"
MANY = 9500
BACKENDS = ("bwrap", "unshare")


def script(sandbox: Sandbox, text: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script outside, in which "$@" is aigate."""
    return sandbox.execute(["bash", "-c", text, "bash", *sandbox.prefix])


@pytest.mark.parametrize("words", ["run --dry-run -- true", "status", "run --help", "mask --list-presets"])
def test_a_reader_that_leaves_is_no_mistake(sandbox: Sandbox, words: str) -> None:
    done = script(sandbox, f'set -o pipefail; "$@" {words} | sleep 0')
    assert done.stderr == ""
    assert done.returncode in (0, 141)


@pytest.mark.parametrize("words", ["run --dry-run -- true", "status", "--help", "run --help", "mask --list-presets"])
def test_output_that_cannot_be_written_is_one_line(sandbox: Sandbox, words: str) -> None:
    done = script(sandbox, f'"$@" {words} > {FULL}')
    assert (done.returncode, done.stderr) == (1, "aigate: cannot write the output: No space left on device\n")


def test_messages_that_nobody_can_get_change_nothing(sandbox: Sandbox) -> None:
    assert script(sandbox, f'"$@" run -- sh -c "exit 7" 2> {FULL}').returncode == 7
    assert script(sandbox, '"$@" run -- sh -c "exit 7" 2>&-').returncode == 7
    assert script(sandbox, f'"$@" statsu 2> {FULL}').returncode == 1
    for words in ("status", "run --dry-run -- true"):
        said = script(sandbox, f'"$@" {words} >&-').stderr
        assert said == "aigate: cannot write the output: standard output is closed\n"


@pytest.mark.parametrize("milliseconds", range(0, 300, 25))
def test_an_interrupted_start(sandbox: Sandbox, milliseconds: int) -> None:
    """Whenever the signal comes: status 130 or the signal itself, and no traceback."""
    process = subprocess.Popen(
        [*sandbox.prefix, "run", "-q", "--", "sleep", "60"],
        cwd=sandbox.project,
        env=sandbox.environment,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
        **sandbox.identity(),
    )
    time.sleep(milliseconds / 1000)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert error == ""
    assert process.returncode in (130, -signal.SIGINT)


def test_more_words_than_bubblewrap_takes(sandbox: Sandbox) -> None:
    done = sandbox.run("sh", "-c", 'echo $#; shift 9499; echo "$1"', "sh", *["", "a b"] * (MANY // 2))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{MANY}\na b\n", "")


def test_variables_lead_to_what_is_there(sandbox: Sandbox) -> None:
    own = sandbox.project / "tmp"
    own.mkdir()
    os.chown(own, sandbox.uid, sandbox.gid)
    sandbox.extra.update(TMPDIR="/tmp/not-inside", TMP=str(own), XDG_RUNTIME_DIR="/run/user/1000", TEMP="/tmp")
    done = sandbox.shell('mktemp >/dev/null && echo "$TMPDIR $TMP $TEMP ${XDG_RUNTIME_DIR-none}"')
    assert (done.stdout, done.stderr) == (f"/tmp {own} /tmp none\n", "")


def test_a_command_below_the_temporary_directory(sandbox: Sandbox) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        program = pathlib.Path(made) / "program"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        program.parent.chmod(0o755)
        done = sandbox.run(str(program))
    assert done.returncode == 127
    assert f"{program}: not there inside" in done.stderr


def test_the_banner_fits_on_a_line(sandbox: Sandbox) -> None:
    first = sandbox.run("true", options=()).stderr.splitlines()[0]
    assert len(first) <= 100
    assert first.startswith(f"aigate: {sandbox.backend} · ")
    sandbox.aigate("deny", "net", "--except", "one.example")
    assert " · 1 host" in sandbox.run("true", options=("--dry-run",)).stdout.splitlines()[0]
