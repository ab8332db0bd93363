"""What a link in a protected place leads to is protected as well, and so are the links on the way."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
ATTACK = """echo evil > ~/dots/real; mv ~/dots ~/d; mkdir ~/dots; echo evil > ~/dots/real
            rm ~/between; echo evil > ~/elsewhere; ln -snf ~/elsewhere ~/between"""


@pytest.mark.parametrize("between", [False, True])
@pytest.mark.parametrize(
    "place",
    ["~/.local/bin/tool", "~/.config/fish/config.fish", "~/.config/systemd/user/x.service",
     "~/.config/systemd/user/default.target.wants/x.service"],
)  # fmt: skip
def test_what_links_in_protected_folders_lead_to(sandbox: Sandbox, place: str, between: bool) -> None:
    """In a home that is writable: a layer keeps the real one as it is anyway."""
    text = sandbox.path("~/.aigate/config.yaml").read_text()
    sandbox.config(text.replace("\nhome: layer\n", "\nhome: writable\n"))
    real = sandbox.write("~/dots/real", "good\n")
    link = sandbox.write(place)
    link.unlink()
    if between:
        sandbox.path("~/between").symlink_to(real)
    link.symlink_to(sandbox.path("~/between") if between else real)
    sandbox.shell(ATTACK)
    assert link.read_text() == "good\n"
