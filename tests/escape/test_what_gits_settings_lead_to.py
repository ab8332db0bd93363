"""What git's settings include, and where they say that hooks lie, cannot be changed either."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
EVIL = 'printf "[core]\\n fsmonitor = touch $HOME/EVIL\\n"'


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize(
    ("config", "setting", "place"),
    [
        ("~/.gitconfig", '[include]\n path = "~/dots/git;common" # mine\n', "~/dots/git;common"),
        ("~/.gitconfig", '[includeIf "gitdir:~/**"]\n\tpath = .gitconfig-work\n', "~/.gitconfig-work"),
        (".git/config", "[include] path = ../shared.conf\n", "shared.conf"),
        ("~/.gitconfig", "[Core]\n HooksPath = tools/hooks\n", "tools/hooks/post-index-change"),
        (".git/config", "[core]\n hooksPath = ~/my-hooks/\n", "~/my-hooks/post-index-change"),
    ],
)
def test_it_stays_as_it_is(sandbox: Sandbox, config: str, setting: str, place: str, there: bool) -> None:
    sandbox.config(sandbox.path("~/.aigate/config.yaml").read_text().replace("\nhome: layer\n", "\nhome: writable\n"))
    file = sandbox.path(config)
    sandbox.write(config, (file.read_text() if file.exists() else "") + setting)
    if there:
        sandbox.write(place, "", 0o755)
    elif "/" in place.removeprefix("~/"):
        sandbox.write(f"{place.rpartition('/')[0].rpartition('/')[0] or '.'}/beside", "")
    path = sandbox.path(place)
    text = "touch $HOME/EVIL" if place.endswith("change") else f"$({EVIL})"
    sandbox.shell(f"mkdir -p '{path.parent}'; echo \"{text}\" >> '{path}'; chmod +x '{path}'; mv '{path.parent}' x")
    sandbox.outside("git", "status")
    assert not path.exists() or path.read_text() == ""
    assert not (sandbox.home / "EVIL").exists()
