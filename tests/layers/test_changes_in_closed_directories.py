"""What an agent has changed in a directory that it closed then is told like everything else, and can be taken out."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

MADE = "echo x > ~/.config/own/new; echo x > ~/.config/own/kept; chmod 000 ~/.config/own ~/.config"


@pytest.mark.only("user")
def test_changes_in_a_closed_directory(sandbox: Sandbox) -> None:
    sandbox.write("~/.config/own/kept", "mine\n")
    assert sandbox.shell(MADE).returncode == 0
    told = sandbox.aigate("layer", "diff", "--names")
    assert told.stdout == "M ~/.config/own/kept\nA ~/.config/own/new\n", told.stderr
    assert sandbox.aigate("layer", "apply", "~/.config/own/new").returncode == 0
    assert sandbox.path("~/.config/own/new").read_text() == "x\n"
    assert sandbox.path("~/.config/own").stat().st_mode & 0o777 == 0o755
