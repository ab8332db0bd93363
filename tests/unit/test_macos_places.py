"""What is different on macOS: where sockets are, what one program file is, which directories are everybody's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from aigate.config.model import Entry
from aigate.errors import PolicyError
from aigate.policy import commands, mounts, resolve, sockets

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def darwin(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (commands, sockets, mounts):
        monkeypatch.setattr(module.sys, "platform", "darwin")


@pytest.mark.usefixtures("darwin")
def test_sockets(tmp_path: Path) -> None:
    for name in (".gnupg", ".docker/run", "Library/Group Containers/2BUA8C4S2C.com.1password", "other"):
        (tmp_path / name).mkdir(parents=True)
    agent = tmp_path / "listener"
    agent.touch()
    found = {hidden.path for hidden in sockets.find_sockets({"SSH_AUTH_SOCK": str(agent)}, str(tmp_path))}
    assert {str(tmp_path / name) for name in (".gnupg", ".docker/run")} <= found
    assert str(tmp_path / "Library/Group Containers/2BUA8C4S2C.com.1password") in found
    assert str(agent) in found
    assert not found & {"/run", "/var/run", os.path.realpath("/var/run")}, "everything reads resolv.conf there"
    assert str(tmp_path / "other") not in found


@pytest.mark.usefixtures("darwin")
def test_no_list_of_mounts() -> None:
    assert mounts.read_mounts() == ()


def test_the_doors_to_the_developer_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are hard links of one file: denying git must not deny make, as it would with any other file."""
    (tmp_path / "git").write_text("shim")
    (tmp_path / "git").chmod(0o755)
    os.link(tmp_path / "git", tmp_path / "make")
    denied = commands.parse_commands([Entry("git", "", 0)])
    everywhere = {program.path for program in commands.find_programs(denied, [str(tmp_path)])}
    assert everywhere == {str(tmp_path / "git"), str(tmp_path / "make")}
    monkeypatch.setattr(commands.sys, "platform", "darwin")
    monkeypatch.setattr(commands, "SHIMS", os.path.realpath(tmp_path))
    alone = commands.find_programs(denied, [str(tmp_path)])
    assert [program.path for program in alone] == [str(tmp_path / "git")]
    assert alone[0].innocent == ()


@pytest.mark.parametrize("path", ["/private/tmp", "/private/var/tmp", "/private"])
def test_a_temporary_directory_is_no_project(path: str) -> None:
    with pytest.raises(PolicyError, match="temporary directory"):
        resolve._reject_temporary([path])
    resolve._reject_temporary([f"{path}x/project", "/private/tmp/project"])
