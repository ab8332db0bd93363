"""An agent's own sandbox: as root, who can make none, that is said before the start; else it finds what suits it."""

from __future__ import annotations

import json

import pytest
from sandbox import Sandbox

ON, OFF = {"sandbox": {"enabled": True}}, {"sandbox": {"enabled": False}}
CASES = [  # command, words, the user's settings, the project's, and whether it is on
    ("claude", (), None, None, False),
    ("claude", (), ON, None, True),
    ("claude", (), ON, OFF, False),
    ("claude", (), None, ON, True),
    ("claude", (), ["sandbox"], None, False),
    ("codex", ("exec", "x"), None, None, True),
    ("codex", ("--sandbox", "danger-full-access"), None, None, False),
    ("codex", ("--sandbox=danger-full-access",), None, None, False),
    ("codex", ("-c", 'sandbox_mode="danger-full-access"'), None, None, False),
    ("codex", ("--dangerously-bypass-approvals-and-sandbox",), None, None, False),
    ("srt", ("true",), None, None, True),
    ("other", (), ON, ON, False),
]


@pytest.fixture
def agents(sandbox: Sandbox) -> Sandbox:
    """Give programs of the agents' names, which no other agent could have put there."""
    for name in ("claude", "codex", "srt", "other"):
        tool = sandbox.home.parent / "bin" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text("#!/bin/sh\ntest -L .git/config && echo link || echo plain\n")
        tool.chmod(0o755)
    sandbox.extra["PATH"] = f"{tool.parent}:/usr/bin:/bin"
    return sandbox


@pytest.mark.parametrize("case", CASES)
def test_it_is_said_to_root(agents: Sandbox, case: tuple) -> None:
    command, words, own, projects, on = case
    for path, settings in (("~/.claude/settings.json", own), (".claude/settings.local.json", projects)):
        if settings is not None:
            agents.write(path, json.dumps(settings))
    done = agents.run(command, *words, options=())
    assert done.returncode == 0, done.stderr
    assert ("aigate: not active: own sandbox: " in done.stderr) is (on and agents.uid == 0)
    assert done.stdout == ("plain\n" if on and command == "claude" else "link\n")


def test_a_profile_that_is_asked_for_counts_as_well(agents: Sandbox) -> None:
    agents.write("~/.claude/settings.json", json.dumps(ON))
    assert agents.run("other", options=("--quiet", "--profile", "claude")).stdout == "plain\n"
