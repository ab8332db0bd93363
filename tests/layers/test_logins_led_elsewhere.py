"""The exchange of logins stays within the layer and the user's own files, wherever an agent's links lead."""

from __future__ import annotations

import json

import pytest
from sandbox import Sandbox

LINKED = ("rm -rf ~/.claude; ln -s ~/other ~/.claude", "rm -rf ~/.claude; ln -s project ~/.claude")


@pytest.mark.parametrize("linked", LINKED)
def test_logins_led_elsewhere(sandbox: Sandbox, linked: str) -> None:
    own = sandbox.write("~/.claude/.credentials.json", json.dumps({"claudeAiOauth": "mine"}))
    private = json.dumps({"claudeAiOauth": "private", "more": 1})
    others = [sandbox.write(f"{place}/.credentials.json", private) for place in ("~/other", "~/project")]
    options = ("--quiet", "--profile", "claude")
    sandbox.run("sh", "-c", linked, options=options)
    assert json.loads(own.read_text()) == {"claudeAiOauth": "mine"}
    sandbox.write("~/.claude/.credentials.json", json.dumps({"claudeAiOauth": "new"}))
    assert sandbox.run("true", options=options).returncode == 0
    assert json.loads(own.read_text()) == {"claudeAiOauth": "new"}
    assert [other.read_text() for other in others] == [private, private]


def test_what_no_other_program_reads_stays_inside(sandbox: Sandbox) -> None:
    own = sandbox.write("~/.claude.json", json.dumps({"userID": "mine"}))
    sandbox.run("sh", "-c", """echo '{"userID": NaN}' > ~/.claude.json""", options=("--quiet", "--profile", "claude"))
    assert json.loads(own.read_text()) == {"userID": "mine"}
