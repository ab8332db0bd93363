"""A home or folder that one run closes is protected in the next one, which opens it."""

from __future__ import annotations

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


def test_a_home_closed_so_that_nothing_can_be_put_there(sandbox: Sandbox) -> None:
    sandbox.shell("chmod 555 ~")
    sandbox.shell("chmod 755 ~; echo evil > ~/.bash_profile")
    sandbox.home.chmod(0o755)
    sandbox.run("true")
    assert not (sandbox.home / ".bash_profile").exists()
    assert {path.name for path in sandbox.home.iterdir()} <= {".aigate", "project"}


def test_a_folder_closed_so_that_nothing_can_be_put_there(sandbox: Sandbox) -> None:
    sandbox.write("~/.config/x")
    sandbox.shell("chmod 555 ~/.config")
    sandbox.shell("chmod 755 ~/.config; mkdir -p ~/.config/fish; echo evil > ~/.config/fish/config.fish")
    assert not (sandbox.home / ".config/fish/config.fish").exists()
    (sandbox.home / ".config").chmod(0o755)
