"""Sandboxes that agents make for themselves inside: whether one is switched on, and what stands in its way as root.

Reads settings of agents; changes nothing.
"""

from __future__ import annotations

import os

from aigate.reading import read_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from aigate.policy.model import Policy

CLAUDE, CODEX, RUNTIME = "claude", "codex", "srt"
SETTINGS = (".claude/settings.json", ".claude/settings.local.json")
WITHOUT = ("danger-full-access", "--dangerously-bypass-approvals-and-sandbox", "--yolo")  # words of Codex's
MOST_BYTES = 1 << 20
NOT_AS_ROOT = "as root it cannot be made inside of this one, however it is set"
AS_ROOT = {
    CLAUDE: f"Claude Code's: {NOT_AS_ROOT}; set sandbox.enabled to false in its settings, or run as an ordinary user",
    CODEX: f"Codex's: {NOT_AS_ROOT}; codex --sandbox danger-full-access does without, or run as an ordinary user",
    RUNTIME: f"srt's: {NOT_AS_ROOT}; run its command without srt, or as an ordinary user",
}


def switched_on(policy: Policy, command: Sequence[str], profiles: Sequence[str]) -> str:
    """Return whose own sandbox is going to be made inside, "" for nobody's. profiles: names of those in force."""
    name = os.path.basename(command[0]) if command else ""
    if CLAUDE in (name, *profiles) and _claudes_is_on(policy):
        return CLAUDE
    if CODEX in (name, *profiles) and not any(word.rpartition("=")[2].strip("\"'") in WITHOUT for word in command):
        return CODEX
    return RUNTIME if name == RUNTIME else ""


def obstacle(policy: Policy, name: str) -> list[tuple[str, str]]:
    """Return that a sandbox of an agent's own cannot be made, with what to do instead, where that is so."""
    return [("own sandbox", AS_ROOT[name])] if name and policy.uid == 0 else []


def _claudes_is_on(policy: Policy) -> bool:
    """Tell whether settings switch it on; the last file decides (Claude Code's documentation: Settings)."""
    places = [f"{policy.home}/{SETTINGS[0]}", *(f"{policy.project}/{name}" for name in SETTINGS)]
    found = False
    for path in places:
        text = _text(path)
        if b'"sandbox"' not in text:
            continue
        import json

        try:
            value = json.loads(text)["sandbox"]["enabled"]
        except (ValueError, KeyError, TypeError):
            continue
        found = value is True
    return found


def _text(path: str) -> bytes:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            return read_from(file, MOST_BYTES)
    except OSError:
        return b""
