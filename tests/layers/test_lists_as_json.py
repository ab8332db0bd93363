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
    for path in ("~/other", "other", "/nowhere"):
        told = sandbox.aigate("layer", "diff", path)
        assert (told.returncode, told.stdout) == (1, "")
        assert told.stderr.startswith(f"aigate: {path}: nothing is changed there\n")
    summary = json.loads(sandbox.aigate("layer", "status", "--json").stdout)
    (layer,) = summary["layers"]
    assert (layer["project"], layer["in_use"]) == (str(sandbox.project), False)
    (part,) = [part for part in layer["parts"] if part["path"] == str(sandbox.home)]
    assert part["changes"] == len(changes)
    assert part["bytes"] == sum(change["size"] for change in changes)
    assert (summary["waiting"], summary["aside"]) == ([], [])
    assert json.loads(sandbox.aigate("layer", "--json").stdout) == summary
    assert sandbox.shell("echo evil >> ~/.bashrc").returncode == 0
    assert json.loads(sandbox.aigate("layer", "--json").stdout)["waiting"] == [str(sandbox.home / ".bashrc")]
    assert sandbox.aigate("layer", "discard", "~/.bashrc").returncode == 0
    assert json.loads(sandbox.aigate("layer", "--json").stdout)["aside"] == [str(sandbox.home / ".bashrc")]
    refused = sandbox.aigate("layer", "--json", "diff")
    assert refused.returncode == 1
    assert "aigate layer diff --json" in refused.stderr
