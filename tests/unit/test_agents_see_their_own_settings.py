"""The default lists hide no agent's own settings, however like another program's its name is."""

from __future__ import annotations

import pytest

from aigate.config.load import default_layer
from aigate.policy.patterns import PatternSet, parse_patterns
from aigate.policy.roots import find_roots, rooted
from aigate.policy.walk import components

HOME = "/home/somebody"
SETTINGS = [
    ".claude/settings.json", ".claude.json", ".codex/config.toml", ".gemini/settings.json", ".qwen/settings.json",
    ".config/opencode/opencode.json", ".local/share/opencode/auth.json", ".copilot/config.json", ".cursor/mcp.json",
    ".config/cursor/auth.json", ".config/amp/settings.json", ".local/share/amp/secrets.json", ".cline/data/x.json",
    ".config/crush/crush.json", ".local/share/crush/crush.json", ".pi/agent/models.json", ".pi/agent/auth.json",
    ".config/goose/config.yaml", ".config/goose/secrets.yaml", ".config/mini-swe-agent/.env", ".aider.conf.yml",
    ".aider/oauth-keys.env", ".opencode/bin/opencode",
]  # fmt: skip


def deciding(path: str) -> str | None:
    """Return the entry that hides a file of the home, or a directory above it, by the lists of `aigate init`."""
    roots = find_roots(f"{HOME}/project", HOME)
    patterns = PatternSet(rooted(parse_patterns(default_layer(None).deny_read or (), HOME), roots))
    names = path.split("/")
    for depth in range(1, len(names) + 1):
        place = components("/".join([HOME, *names[:depth]]))
        found = patterns.deciding(place, None, depth < len(names))
        if found is not None and not found.negated:
            return found.entry.text
    return None


@pytest.mark.parametrize("path", SETTINGS)
def test_it_can_be_read(path: str) -> None:
    assert deciding(path) is None


@pytest.mark.parametrize("path", [".config/op/config", ".config/op.old/config", ".ssh/id_ed25519", ".aws/credentials"])
def test_credentials_beside_them_cannot(path: str) -> None:
    assert deciding(path) is not None
