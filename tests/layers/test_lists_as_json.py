"""What is in the quarantine and in a layer is listed as JSON, too."""

from __future__ import annotations

import json

from sandbox import Sandbox


def test_quarantine_and_layer(sandbox: Sandbox) -> None:
    assert sandbox.shell("echo evil > .envrc; echo note > ~/note.txt").returncode == 0
    (kept,) = json.loads(sandbox.aigate("quarantine", "--json").stdout)
    assert kept["path"] == str(sandbox.project / ".envrc")
    assert kept["why"].startswith("deny_write")
    assert json.loads(sandbox.aigate("quarantine", "list", "--json").stdout) == [kept]
    changes = json.loads(sandbox.aigate("layer", "diff", "--json").stdout)
    note = {"path": str(sandbox.home / "note.txt"), "kind": "added", "directory": False, "size": 5}
    assert note in changes
    assert json.loads(sandbox.aigate("layer", "diff", "--json", "~/other").stdout) == []
