"""The hosts of package registries, as the user's own package managers name them: no list of them is aigate's.

They are asked outside of every project, so that no project's file answers, and only for a profile that was typed.
"""

from __future__ import annotations

import os
import subprocess
from urllib.parse import urlsplit

from aigate.config.model import Entry
from aigate.profiles.choice import trusted_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PATIENCE = 30  # seconds
QUESTIONS = {
    "npm": (("npm", "config", "get", "registry"),),
    "pip": (
        ("pip", "config", "get", "global.index-url"),
        ("pip", "config", "get", "global.extra-index-url"),
    ),
}
AT = {"npm": "npm config get registry", "pip": "pip config get global.index-url"}


def hosts_of(manager: str, environment: Mapping[str, str], *, cwd: str, foreign: Iterable[str]) -> tuple[Entry, ...]:
    """Return the hosts that a package manager is set to. foreign: directories that an agent can write to."""
    found: dict[str, None] = {}
    for question in QUESTIONS[manager]:
        program = trusted_program(question[0], environment, cwd=cwd, foreign=foreign)
        if program is None:
            continue
        for word in _answer((program, *question[1:]), environment).split():
            host = _host(word)
            if host:
                found[host] = None
    return tuple(Entry(host, AT[manager], 0) for host in found)


def _answer(command: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """Return what a command prints, "" where it fails."""
    try:
        done = subprocess.run(
            command,
            cwd="/",
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return os.fsdecode(done.stdout) if done.returncode == 0 else ""


def _host(word: str) -> str | None:
    """Return the host of an address, with its port where it has one; None for what is none."""
    try:
        parts = urlsplit(word)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    shown = f"[{host}]" if ":" in host and port else host
    return f"{shown}:{port}" if port else shown
