"""`setup`, `reset` and permanent access lists with real groups, users and files; root only, and nothing stays."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
from typing import TYPE_CHECKING

import pytest
from config_home import CommandLines, write
from sandbox import open_to_all

from aigate.host import accounts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="making accounts needs root; the suite runs as root in CI")
GROUP = f"aigt-g{os.getpid()}"
USER = f"aigt-u{os.getpid()}"
CONFIG = f"group: {GROUP}\nuser: {USER}\n"


def has_group(name: str = GROUP) -> bool:
    return any(entry.gr_name == name for entry in grp.getgrall())


def has_user(name: str = USER) -> bool:
    return any(entry.pw_name == name for entry in pwd.getpwall())


class Shell(CommandLines):
    """Command lines in a home, with the record of accounts in a temporary folder."""

    def readable(self, path: str) -> bool:
        """Tell whether the agents' user can read a file."""
        account = pwd.getpwnam(USER)
        done = subprocess.run(
            ["cat", path], user=account.pw_uid, group=account.pw_gid, extra_groups=[], capture_output=True, check=False
        )
        return done.returncode == 0


@pytest.fixture
def shell(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    open_to_all(tmp_path)
    shell = Shell(tmp_path, capfd)
    monkeypatch.setattr(accounts, "STATE", str(tmp_path / "var"))
    monkeypatch.setenv("HOME", shell.home)
    monkeypatch.delenv("SUDO_UID", raising=False)
    monkeypatch.chdir(shell.project)
    shell.write(CONFIG)
    yield shell
    subprocess.run(["userdel", USER], capture_output=True, check=False)
    subprocess.run(["groupdel", GROUP], capture_output=True, check=False)


def test_setup_and_reset(shell: Shell, tmp_path: Path) -> None:
    assert shell("setup") == (0, f"group {GROUP}: made\nuser {USER}: made\n", "")
    account = pwd.getpwnam(USER)
    assert grp.getgrgid(account.pw_gid).gr_name == GROUP
    assert (account.pw_dir, os.path.basename(account.pw_shell)) == ("/nonexistent", "nologin")
    assert 0 < account.pw_uid < 1000
    assert shell("setup") == (0, f"group {GROUP}: is there already\nuser {USER}: is there already\n", "")
    status, out, error = shell("reset")
    assert status == 1
    assert out.startswith(f"would remove {shell.config}\n")
    assert out.endswith(f"would remove group {GROUP}\nwould remove user {USER}\n")
    assert "nothing was removed" in error
    assert has_group()
    status, out, _ = shell("reset", "--force")
    assert status == 0
    assert f"removed group {GROUP}\nremoved user {USER}\n" in out
    assert not has_group()
    assert not has_user()
    assert not os.path.exists(shell.config)
    assert not (tmp_path / "var").exists()
    assert shell("reset") == (0, "nothing to remove\n", "")


def test_dry_run(shell: Shell) -> None:
    status, out, _ = shell("setup", "--dry-run")
    assert status == 0
    assert f"groupadd --system {GROUP}\n" in out
    assert not has_group()


def test_other_names(shell: Shell) -> None:
    other = f"{GROUP}x"
    try:
        status, out, _ = shell("setup", "--group", other, "--user", USER)
        assert status == 0
        assert f"now put these into the config: group: {other}" in out
        assert has_group(other)
    finally:
        subprocess.run(["userdel", USER], check=False)
        subprocess.run(["groupdel", other], check=False)


@pytest.mark.parametrize("name", ["", "-x", "a b", "a:b", "a\nb", "x" * 33, "1a", "../x", "é"])
def test_names_that_are_none(shell: Shell, name: str) -> None:
    assert shell("setup", f"--group={name}", "--dry-run")[0] == (0 if name == "" else 1)


def test_accounts_that_were_there_before_stay(shell: Shell) -> None:
    subprocess.run(["groupadd", GROUP], check=True)
    subprocess.run(["useradd", "--no-create-home", "--gid", "nogroup", USER], check=True)
    shell("setup")
    assert USER in grp.getgrnam(GROUP).gr_mem
    assert shell("reset", "--force")[0] == 0
    assert has_group()
    assert has_user()


def test_an_account_with_another_id_stays(shell: Shell) -> None:
    """The name on record is somebody else's by now."""
    shell("setup")
    subprocess.run(["usermod", "--uid", "47111", USER], check=True)
    shell("reset", "--force")
    assert has_user()


def test_a_config_cannot_name_root_away(shell: Shell) -> None:
    shell.write("group: root\nuser: root\n")
    status, _, error = shell("setup")
    assert status == 1
    assert "must not run as root" in error
    assert shell("reset", "--force")[0] == 0
    assert has_user("root")
    assert has_group("root")


def test_without_root(shell: Shell, readable_install: list[str]) -> None:
    os.chmod(shell.config, 0o644)
    for words, part in ((["setup"], "needs root"), (["setup", "--dry-run"], "")):
        done = subprocess.run(
            [*readable_install, *words],
            user=65534, capture_output=True, text=True, check=False, env={"HOME": "/nonexistent"}, cwd="/",
        )  # fmt: skip
        assert done.returncode == (1 if part else 0), done.stderr
        assert part in done.stderr
        assert len(done.stderr.splitlines()) == (2 if part else 0)
    assert not has_group()


def public(path: str) -> str:
    write(path, "content")
    os.chmod(path, 0o644)
    return path


def test_deny_read_closes_and_allow_read_opens(shell: Shell) -> None:
    shell("setup")
    secret, nested, other = (public(f"{shell.project}/{name}") for name in ("a.sec", "b.sec", "plain"))
    os.mkdir(f"{shell.home}/vault")
    inside = public(f"{shell.home}/vault/key")
    assert all(map(shell.readable, (secret, nested, other, inside)))
    status, out, error = shell("deny", "read", "*.sec", "~/vault/")
    assert (status, error) == (0, "")
    assert f"closed to the group {GROUP}: 3 files or folders\n" in out
    assert [shell.readable(path) for path in (secret, nested, inside, other)] == [False, False, False, True]
    late = public(f"{shell.home}/vault/late")
    assert not shell.readable(late)
    status, out, _ = shell("deny", "read", "!b.sec")
    assert f"readable again for the group {GROUP}: 1 file or folder\n" in out
    assert [shell.readable(path) for path in (secret, nested)] == [False, True]
    status, out, _ = shell("allow", "read", "*.sec", "~/vault/")
    assert f"readable again for the group {GROUP}: 2 files or folders\n" in out
    assert all(map(shell.readable, (secret, nested, inside)))
    assert os.listxattr(secret) == os.listxattr(f"{shell.home}/vault") == []


def test_what_another_entry_denies_stays_closed(shell: Shell) -> None:
    shell("setup")
    secret = public(f"{shell.project}/a.sec")
    shell("deny", "read", "a.*")
    shell("deny", "read", "*.sec")
    shell("allow", "read", "*.sec")
    assert not shell.readable(secret)
    shell("allow", "read", "a.*")
    assert shell.readable(secret)
    assert os.listxattr(secret) == []


def test_setup_closes_what_is_denied_already(shell: Shell) -> None:
    secret = public(f"{shell.project}/a.sec")
    shell.write(CONFIG + "deny_read: ['*.sec']\n")
    status, out, _ = shell("setup")
    assert (status, out.splitlines()[-1]) == (0, f"closed to the group {GROUP}: 1 file or folder")
    assert not shell.readable(secret)
    status, out, _ = shell("reset", "--force")
    assert f"removed the access list that was set on {secret}\n" in out
    assert os.listxattr(secret) == []


def test_without_a_group_the_rule_is_saved(shell: Shell) -> None:
    public(f"{shell.project}/a.sec")
    status, out, error = shell("deny", "read", "*.sec")
    assert (status, out) == (0, "deny_read: added *.sec\n")
    assert error == (
        f"aigate: warning: no permanent access lists: the group {GROUP} does not exist; sudo aigate setup makes it\n"
    )
    assert os.listxattr(f"{shell.project}/a.sec") == []


def test_under_sudo_the_callers_files_are_meant(
    shell: Shell, ordinary_user: pwd.struct_passwd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """root acts for the user without root's rights, so a link that the user put there leads nowhere."""
    home = ordinary_user.pw_dir
    state = os.path.join(home, ".aigate")
    os.mkdir(state, 0o700)
    write(f"{state}/config.yaml", CONFIG + "deny_read: [~/mine, ~/roots]\n")
    public(f"{home}/mine")
    public(f"{shell.home}/victim")
    os.symlink(f"{shell.home}/victim", f"{home}/roots")
    for path in (state, f"{state}/config.yaml", f"{home}/mine"):
        os.chown(path, ordinary_user.pw_uid, ordinary_user.pw_gid)
    monkeypatch.setenv("SUDO_UID", str(ordinary_user.pw_uid))
    monkeypatch.chdir("/")
    try:
        status, out, error = shell("setup")
        assert status == 0, error
        assert f"closed to the group {GROUP}: 1 file or folder\n" in out
        assert "belongs to someone else" in error
        assert os.listxattr(f"{home}/mine") == ["system.posix_acl_access"]
        assert os.listxattr(f"{shell.home}/victim") == []
        assert os.stat(f"{state}/acls").st_uid == ordinary_user.pw_uid
        assert shell("reset", "--force")[0] == 0
        assert os.listxattr(f"{home}/mine") == []
        assert not os.path.exists(f"{state}/config.yaml")
        assert os.path.exists(shell.config), "root's own config is not meant"
    finally:
        subprocess.run(["rm", "-rf", state, f"{home}/mine", f"{home}/roots"], check=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--group", "sudo", "--user", USER), "the group sudo is the system's own"),
        (("--group", "shadow", "--user", USER), "the group shadow is the system's own"),
        (("--group", GROUP, "--user", "daemon"), "the user daemon is an account with another use"),
        (("--group", GROUP, "--user", "nobody"), "the user nobody is everybody's who is nobody else"),
    ],
)
def test_what_has_another_use_is_not_given_to_agents(shell: Shell, words: tuple[str, ...], said: str) -> None:
    status, out, error = shell("setup", *words)
    assert (status, out) == (1, "")
    assert said in error
    assert not has_group()
    assert not has_user()


def test_a_group_with_members_is_not_given_to_agents(shell: Shell) -> None:
    subprocess.run(["groupadd", GROUP], check=True)
    subprocess.run(["usermod", "--append", "--groups", GROUP, "daemon"], check=True)
    status, _, error = shell("setup")
    assert (status, f"the group {GROUP} has members (daemon)" in error) == (1, True)
    subprocess.run(["gpasswd", "--delete", "daemon", GROUP], check=True, capture_output=True)
