"""Colours are for a terminal, and for nobody who has set NO_COLOR."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest
from sandbox import Sandbox

WORDS = [("explain", ".env"), ("deny", "read", "x.sqlite", "--dry-run")]


def on_a_terminal(sandbox: Sandbox, *words: str) -> bytes:
    """Return what a command prints where standard output is a terminal."""
    ours, theirs = pty.openpty()
    try:
        done = subprocess.Popen(
            [*sandbox.prefix, *words],
            cwd=sandbox.project,
            env=sandbox.environment | {"TERM": "xterm"},
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE,
            **sandbox.identity(),
        )
        os.close(theirs)
        printed = b""
        while True:
            try:
                block = os.read(ours, 4096)
            except OSError:  # EIO: nobody has it open any more
                break
            if not block:
                break
            printed += block
        assert done.communicate()[1] == b""
    finally:
        os.close(ours)
    return printed


@pytest.mark.only("own")
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_they_are_there_on_a_terminal(sandbox: Sandbox, words: tuple[str, ...]) -> None:
    assert b"\x1b[3" in on_a_terminal(sandbox, *words)


@pytest.mark.only("own")
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_no_color_is_heeded(sandbox: Sandbox, words: tuple[str, ...]) -> None:
    sandbox.extra["NO_COLOR"] = "1"
    printed = on_a_terminal(sandbox, *words)
    assert printed
    assert b"\x1b" not in printed


@pytest.mark.only("own")
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_pipe_gets_none(sandbox: Sandbox, words: tuple[str, ...]) -> None:
    printed = sandbox.aigate(*words).stdout
    assert printed
    assert "\x1b" not in printed
