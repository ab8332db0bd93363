"""What a pattern says of a directory holds where that is a link to another one of the project's or the home's."""

from __future__ import annotations

import os

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
NAMES = {".codex": "config.toml", ".cursor": "mcp.json", ".vscode": "tasks.json", ".claude": "settings.json"}


@pytest.fixture
def linked(sandbox: Sandbox) -> Sandbox:
    for name, file in NAMES.items():
        sandbox.write(f"tools/{name[1:]}/{file}", "mine\n")
        os.symlink(f"tools/{name[1:]}", sandbox.project / name)
    sandbox.write("real/deep/prod.yaml", "secret\n")
    os.symlink("real", sandbox.project / "settings")
    return sandbox


def test_what_is_there_stays_and_nothing_comes(linked: Sandbox) -> None:
    for name, file in NAMES.items():
        for place in (name, f"tools/{name[1:]}"):
            linked.shell(
                f"echo evil > {place}/{file}; echo evil > {place}/hooks.json; echo evil > {place}/settings.x.json"
            )
        directory = linked.project / "tools" / name[1:]
        assert {path.name: path.read_text() for path in directory.iterdir()} == {file: "mine\n"}


def test_what_is_hidden_is_hidden(linked: Sandbox) -> None:
    assert linked.aigate("deny", "read", "sett*/d*/prod.yaml").returncode == 0
    assert linked.shell("cat settings/deep/prod.yaml real/deep/prod.yaml").stdout == ""


def test_in_the_home(linked: Sandbox) -> None:
    linked.write("~/dotfiles/codex/config.toml", "mine\n")
    os.symlink("dotfiles/codex", linked.home / ".codex")
    linked.shell("echo evil >> ~/.codex/config.toml; echo evil > ~/.codex/hooks.json")
    assert linked.shell("cat ~/dotfiles/codex/*").stdout == "mine\n"
