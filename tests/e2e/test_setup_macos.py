"""`setup` and `reset` as on macOS: dscl is played, with records of its own; its argument lists are what is checked."""

from __future__ import annotations

import os
import subprocess
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from config_home import CommandLines

from aigate.host import accounts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="setup refuses everyone else; the suite runs as root in CI")
DSCL = ("/usr/bin/dscl", ".")


class Directory:
    """What dscl works on: records by path, each with its values. calls: every argument list, without `dscl .`."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, list[str]]] = {
            "/Users/root": {"UniqueID": ["0"]},
            "/Users/_spotlight": {"UniqueID": ["89"]},
            "/Users/somebody": {"UniqueID": ["499"]},
            "/Groups/staff": {"PrimaryGroupID": ["20"]},
            "/Groups/theirs": {"PrimaryGroupID": ["498"]},
        }
        self.calls: list[tuple[str, ...]] = []
        self.broken = ""

    def __call__(self, words: tuple[str, ...], **_: object) -> subprocess.CompletedProcess[str]:
        assert words[:2] == DSCL, words
        what, *rest = words[2:]
        self.calls.append(words[2:])
        if self.broken and self.broken in words:
            return subprocess.CompletedProcess(words, 56, "", "<dscl_cmd> DS Error: -14120 (eDSPermissionError)\n")
        if what == "-list":
            kind, name = rest
            rows = (
                f"{path.rpartition('/')[2]}  {values[name][0]}"
                for path, values in self.records.items()
                if path.startswith(kind)
            )
            return subprocess.CompletedProcess(words, 0, "\n".join(rows) + "\n", "")
        path, *values = rest
        if what == "-create":
            self.records.setdefault(path, {}).update({values[0]: values[1:]} if values else {})
        elif what == "-append":
            self.records[path].setdefault(values[0], []).extend(values[1:])
        else:
            assert what == "-delete"
            del self.records[path]
        return subprocess.CompletedProcess(words, 0, "", "")

    def group(self, name: str) -> SimpleNamespace:
        record = self.records[f"/Groups/{name}"]
        return SimpleNamespace(gr_gid=int(record["PrimaryGroupID"][0]), gr_mem=record.get("GroupMembership", []))

    def user(self, name: str) -> SimpleNamespace:
        record = self.records[f"/Users/{name}"]
        group = int(record.get("PrimaryGroupID", ["20"])[0])
        name = record.get("RealName", [""])[0]
        shell, home = (
            record.get(key, [other])[0] for key, other in (("UserShell", "/usr/bin/false"), ("Home", "/var/empty"))
        )
        return SimpleNamespace(
            pw_uid=int(record["UniqueID"][0]), pw_gid=group, pw_gecos=name, pw_shell=shell, pw_dir=home
        )


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Directory:
    made = Directory()
    monkeypatch.setattr(accounts.sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", made)
    monkeypatch.setattr(accounts.grp, "getgrnam", made.group)
    monkeypatch.setattr(accounts.pwd, "getpwnam", made.user)
    return made


@pytest.fixture
def shell(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLines]:
    made = CommandLines(tmp_path, capfd)
    monkeypatch.setattr(accounts, "STATE", str(tmp_path / "var"))
    monkeypatch.setenv("HOME", made.home)
    monkeypatch.delenv("SUDO_UID", raising=False)
    monkeypatch.chdir(made.project)
    made.write("group: agents\nuser: runner\n")
    return made


def changes(directory: Directory) -> list[tuple[str, ...]]:
    return [call for call in directory.calls if call[0] != "-list"]


def test_setup_and_reset(shell: CommandLines, directory: Directory) -> None:
    assert shell("setup") == (0, "group agents: made\nuser runner: made\n", "")
    assert directory.records["/Groups/agents"] == {"PrimaryGroupID": ["497"]}, "498 and 499 are taken, one by a user"
    assert directory.records["/Users/runner"]["UniqueID"] == ["496"]
    assert directory.records["/Users/runner"]["UserShell"] == ["/usr/bin/false"]
    before = len(changes(directory))
    assert shell("setup") == (0, "group agents: is there already\nuser runner: is there already\n", "")
    assert len(changes(directory)) == before
    status, out, _ = shell("reset")
    assert status == 1
    assert out.endswith("would remove group agents\nwould remove user runner\n")
    assert shell("reset", "--force")[0] == 0
    assert changes(directory)[before:] == [("-delete", "/Users/runner"), ("-delete", "/Groups/agents")]


def test_dry_run_changes_nothing(shell: CommandLines, directory: Directory) -> None:
    status, out, _ = shell("setup", "--dry-run")
    assert status == 0
    assert out.splitlines()[:2] == [
        "/usr/bin/dscl . -create /Groups/agents",
        "/usr/bin/dscl . -create /Groups/agents PrimaryGroupID 497",
    ]
    assert changes(directory) == []


def test_what_was_there_is_not_removed(shell: CommandLines, directory: Directory) -> None:
    directory.records["/Groups/agents"] = {"PrimaryGroupID": ["600"]}
    assert shell("setup")[1] == "group agents: is there already\nuser runner: made\n"
    assert directory.records["/Users/runner"]["PrimaryGroupID"] == ["600"]
    shell("reset", "--force")
    assert "/Groups/agents" in directory.records
    assert "/Users/runner" not in directory.records


def test_a_user_that_was_there_joins_the_group(shell: CommandLines, directory: Directory) -> None:
    directory.records["/Users/runner"] = {"UniqueID": ["601"], "PrimaryGroupID": ["20"]}
    shell("setup")
    assert directory.records["/Groups/agents"]["GroupMembership"] == ["runner"]


def test_what_dscl_complains_of_is_told_and_the_half_is_on_record(shell: CommandLines, directory: Directory) -> None:
    directory.broken = "/Users/runner"
    status, _, error = shell("setup")
    assert status == 1
    assert "eDSPermissionError" in error
    directory.broken = ""
    assert shell("reset")[1].endswith("would remove group agents\n")
