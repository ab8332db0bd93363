"""A command that has nothing to show says so, and a word that can mean nothing is an error with a hint."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

RUN = "5f3a9c1e"
SAID = {
    ("quarantine",): (0, "nothing was moved away"),
    ("log", "--kind", "files"): (0, "nothing like that happened"),
    ("log", "--kind", "asked"): (0, "nothing like that happened"),
    ("log", "--kind", "fils"): (1, "log: there is no event 'fils'\n  hint: --kind takes runs, network, files"),
    ("log", "--run", "nosuch"): (1, "log: no run's id begins with 'nosuch'\n  hint: aigate log lists"),
    ("log", "--kind", "files", "--json"): (0, ""),
    ("log", "--run", RUN): (0, "true  in /p"),
    ("allow", "read", "nothere"): (1, "nothere is not in deny_read\n  hint: nothing in deny_read denies it"),
    ("allow", "read", ".emv"): (1, ".emv is not in deny_read; the nearest entry is .env"),
    ("allow", "read", "vault/key"): (1, "to allow all of it: aigate allow read 'vault/'"),
    ("deny", "net", "--except"): (1, "see aigate deny net --help"),
    ("layer", "diff", "--naems"): (1, "see aigate layer diff --help"),
}


@pytest.mark.parametrize("words", SAID, ids=" ".join)
def test_it_is_said(tmp_path, words: tuple[str, ...]) -> None:
    state = tmp_path / ".aigate"
    state.mkdir(mode=0o700)
    (state / "config.yaml").write_text("deny_read: [.env, ~/.netrc, vault/]\n")
    started = {"time": "2026-11-29T10:00:00Z", "run": RUN, "event": "started", "command": "true", "directory": "/p"}
    (state / "audit.jsonl").write_text(json.dumps(started) + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "aigate", *words],
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "PATH": os.defpath},
    )
    status, text = SAID[words]
    assert done.returncode == status
    assert text in done.stdout + done.stderr
    assert text or not done.stdout
