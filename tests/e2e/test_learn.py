"""`aigate learn` lists what runs were refused, and allows what is ticked, with the diff shown before it is written."""

from __future__ import annotations

import json
import os

import pytest
from pseudo import Pseudo
from sandbox import Sandbox

CONFIG = """# mine
deny_read: []
deny_write:
  - .envrc
deny_exec:
  - tool
allow_net:
  - own.example  # why
"""
LIST = "  1  make or change ~/project/.envrc\n  2  run tool\n  3  reach far.example  (2 runs)\n"


@pytest.fixture
def refused(sandbox: Sandbox) -> Sandbox:
    """Give a project with four runs: hosts were refused in two, a file in one, a command in one."""
    sandbox.config(CONFIG)
    sandbox.write("~/bin/tool", "#!/bin/sh\n", 0o755)
    sandbox.extra["PATH"] = f"{sandbox.home}/bin:/usr/bin:/bin"
    for number in (1, 2):
        log(sandbox, f"r{number}", "started", command="x", directory=str(sandbox.project / "sub"))
        log(sandbox, f"r{number}", "net_refused", subject="far.example", protocol="dns", reason="name not allowed")
        log(sandbox, f"r{number}", "net_refused", subject="no host!", protocol="dns", reason="name not allowed")
    log(sandbox, "other", "started", command="x", directory="/elsewhere")
    log(sandbox, "other", "net_refused", subject="other.example", protocol="dns", reason="name not allowed")
    assert sandbox.run("tool").returncode == 1
    assert sandbox.shell("touch .envrc").returncode == 0
    return sandbox


def log(sandbox: Sandbox, run: str, event: str, **fields: str) -> None:
    path = sandbox.path("~/.aigate/audit.jsonl")
    with path.open("a") as file:
        file.write(json.dumps({"time": "2030-01-01T00:00:00.000Z", "run": run, "event": event, **fields}) + "\n")
    os.chown(path, sandbox.uid, sandbox.gid)
    path.chmod(0o600)


def config(sandbox: Sandbox) -> str:
    return "".join(
        line
        for line in sandbox.path("~/.aigate/config.yaml").read_text().splitlines(keepends=True)
        if not line.startswith("backend:")
    )


def test_nothing_changes_where_nobody_can_tick(refused: Sandbox) -> None:
    done = refused.aigate("learn")
    assert done.stdout == f"{LIST}aigate learn --take NUMBERS allows some of them\n"
    assert config(refused) == CONFIG
    assert [item["word"] for item in json.loads(refused.aigate("learn", "--json").stdout)] == [
        "~/project/.envrc", "tool", "far.example",
    ]  # fmt: skip


def test_what_is_taken_is_written_with_its_diff(refused: Sandbox) -> None:
    dry = refused.aigate("learn", "--take", "3", "--dry-run")
    assert "+  - far.example\n" in dry.stdout
    assert config(refused) == CONFIG
    assert refused.aigate("learn", "--take", "1,3").returncode == 0
    assert config(refused) == CONFIG.replace("  - .envrc\n", '  - .envrc\n  - "!~/project/.envrc"\n').replace(
        "# why\n", "# why\n  - far.example\n"
    ).replace('"!~/project/.envrc"', "'!~/project/.envrc'")
    assert refused.aigate("learn").stdout.startswith("  1  run tool\n")
    assert refused.aigate("learn", "--take", "all").returncode == 0
    assert refused.aigate("learn").stdout.startswith("The last runs here were refused nothing")


def test_a_number_that_is_none(refused: Sandbox) -> None:
    done = refused.aigate("learn", "--take", "4")
    assert (done.returncode, done.stderr) == (
        1, "aigate: learn: '4' is none of the list\n  hint: numbers from 1 to 3, or all\n",
    )  # fmt: skip


@pytest.mark.parametrize("agreed", [True, False])
def test_on_a_terminal_one_ticks_and_agrees(refused: Sandbox, agreed: bool) -> None:
    terminal = {"cwd": refused.project, "env": refused.environment, **refused.identity()}
    with Pseudo([*refused.prefix, "learn"], **terminal) as pane:
        pane.expect(b"Numbers, all, or nothing: ")
        pane.send(b"3\n")
        pane.expect(b"+  - far.example", b"Write this? [y/N] ")
        pane.send(b"y\n" if agreed else b"\n")
        assert pane.wait() == 0
    assert ("far.example" in config(refused)) is agreed
