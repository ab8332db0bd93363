"""What a link in a protected place leads to is protected as well."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize("place", ["~/.local/bin/tool", "~/.config/fish/config.fish"])
def test_what_links_in_protected_folders_lead_to(sandbox: Sandbox, place: str) -> None:
    real = sandbox.write("~/dots/real", "good\n")
    link = sandbox.write(place)
    link.unlink()
    link.symlink_to(real)
    sandbox.shell("echo evil > ~/dots/real; mv ~/dots ~/d; mkdir ~/dots; echo evil > ~/dots/real")
    assert link.read_text() == "good\n"
