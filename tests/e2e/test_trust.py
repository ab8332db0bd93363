"""What a project's file widens applies once the user said yes to exactly that content."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest
from sandbox import SECRET, Sandbox

WIDER = "deny_read: ['!.env']\n"


def answer(sandbox: Sandbox, text: bytes, before: bytes = b"") -> str:
    """Run `cat .env` on a terminal of its own, type an answer, and return what was shown. before: typed too early."""
    controller, terminal = pty.openpty()
    os.write(controller, before)
    process = subprocess.Popen(
        [*sandbox.prefix, "run", "-q", "--", "cat", ".env"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=sandbox.project,
        env=sandbox.environment,
        start_new_session=True,
        **sandbox.identity(),
    )
    os.close(terminal)
    shown = b""
    answered = False
    while True:
        try:
            block = os.read(controller, 4096)
        except OSError:
            break
        if not block:
            break
        shown += block
        if b"[y/N]" in shown and not answered:
            os.write(controller, text)
            answered = True
    process.wait()
    os.close(controller)
    return shown.decode()


@pytest.mark.parametrize(("text", "seen"), [(b"y\n", True), (b"n\n", False), (b"\n", False)])
def test_the_question_on_a_terminal(sandbox: Sandbox, text: bytes, seen: bool) -> None:
    sandbox.write(".env")
    sandbox.write(".aigate.yaml", WIDER)
    assert (SECRET in answer(sandbox, text)) is seen
    assert (SECRET in sandbox.run("cat", ".env").stdout) is seen


def test_a_changed_file_must_be_agreed_to_again(sandbox: Sandbox) -> None:
    sandbox.write(".env")
    sandbox.write(".aigate.yaml", WIDER)
    sandbox.aigate("trust")
    assert SECRET in sandbox.run("cat", ".env").stdout
    sandbox.write(".aigate.yaml", f"{WIDER}# changed\n")
    done = sandbox.run("cat", ".env", options=())
    assert SECRET not in done.stdout
    assert "left out until you trust it" in done.stderr


def test_what_a_project_forbids_applies_at_once(sandbox: Sandbox) -> None:
    sandbox.write("notes.txt")
    sandbox.write(".aigate.yaml", "deny_read: [notes.txt]\ndeny_exec: [tar]\n")
    assert SECRET not in sandbox.run("cat", "notes.txt").stdout
    assert sandbox.run("tar", "--version").returncode == 1


def test_what_was_typed_before_the_question_is_no_answer(sandbox: Sandbox) -> None:
    """The `y` that lies in the terminal's queue when the question comes is thrown away; the answer after it counts."""
    sandbox.write(".env")
    sandbox.write(".aigate.yaml", WIDER)
    assert SECRET not in answer(sandbox, b"n\n", before=b"y\n")
