"""What trying the hooks of several agents takes: a home, a key in a file, and a hook that is killed."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import sys
import time

from sandbox import Sandbox

KEY = "sk-ant-" + "api03-" + "abcdefghij0123456789"  # Copilot CLI hides GitHub's by itself
NOTES = f"the key {KEY} of the build\n"
MASKED = "the key sk-ant-*** of the build"
PATIENCE_SECONDS = 60
REFUSED = "could not look for secrets"


def furnish(place: Sandbox, **variables: str) -> None:
    """Give a home what the hooks' service needs, variables, and a file with a key in it."""
    runtime = place.write("~/run/x", "").parent
    os.chmod(runtime, 0o700)
    place.extra |= {"XDG_RUNTIME_DIR": str(runtime), **variables}
    place.write("notes", NOTES)


def install(place: Sandbox, agent: str) -> None:
    done = place.aigate("hook", "install", agent)
    assert done.returncode == 0, done.stderr
    assert f"{agent}: installed, works" in place.aigate("hook", "status").stdout


def kill_hook(settings: pathlib.Path, event: str) -> None:
    """Let a hook be killed as soon as it begins."""
    content = json.loads(settings.read_text())
    entry = content["hooks"][event][0]["hooks"][0]
    before, behind = entry["command"].split(" || ")
    entry["command"] = f"sh -c 'kill -9 $$' {before} || {behind}"
    settings.write_text(json.dumps(content))


def server() -> list[str]:
    """Return the command of a server of tools that tell a key."""
    return [sys.executable, str(pathlib.Path(__file__).with_name("failing_server.py"))]


def kept(directory: pathlib.Path) -> list[pathlib.Path]:
    """Return the files of an agent that hold the key. The agent may remove some meanwhile."""
    found = []
    for path in directory.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and KEY.encode() in path.read_bytes():
                found.append(path)
    return found


def gone(directory: pathlib.Path) -> bool:
    """Wait until no file of an agent holds the key: it is written down, and scrubbed when the hook has answered."""
    until = time.monotonic() + PATIENCE_SECONDS
    while kept(directory):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
