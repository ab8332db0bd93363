"""What a host program replaces while a run lasts stays as closed inside as it was."""

from __future__ import annotations

import pytest
from meanwhile import meanwhile
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
COMMITTER = ("-c", "user.name=A", "-c", "user.email=a@example.com")


@pytest.mark.everywhere
def test_a_secret_saved_by_rename(sandbox: Sandbox) -> None:
    sandbox.write(".env", "first\n")
    sandbox.write("conf/secrets/key", "first\n")

    def save(_: object) -> None:
        sandbox.write("new", f"{SECRET}\n")
        sandbox.outside("mv", "new", ".env")
        sandbox.outside("sh", "-c", f"rm -r conf; mkdir -p conf/secrets; echo {SECRET} > conf/secrets/key")

    until = (("renewed", ".env"), ("renewed", "conf/secrets"))
    told = meanwhile(sandbox, save, "cat .env conf/secrets/key; echo end", until=until)
    assert told.stdout.endswith("end\n"), told.stderr
    assert SECRET not in told.stdout
    assert "was replaced outside" in told.stderr


@pytest.mark.everywhere
def test_what_may_not_be_changed(sandbox: Sandbox) -> None:
    """`git config` and `sed -i` save by rename, and an editor renames the old file first."""
    sandbox.config((sandbox.home / ".aigate/config.yaml").read_text().replace("home: layer", "home: writable"))
    sandbox.write("~/.bashrc", "one\n")
    sandbox.write(".vscode/tasks.json", "one\n")

    def save(_: object) -> None:
        assert sandbox.outside("git", "config", "x.y", "z").returncode == 0
        assert sandbox.outside("sed", "-i", "s/one/two/", str(sandbox.home / ".bashrc")).returncode == 0
        sandbox.outside("sh", "-c", "mv .vscode/tasks.json .vscode/tasks.json~; echo two > .vscode/tasks.json")

    until = (("renewed", ".git/config"), ("renewed", "~/.bashrc"), ("renewed", ".vscode/tasks.json"))
    script = "git config a.b evil; echo evil >> ~/.bashrc; echo evil >> .vscode/tasks.json"
    told = meanwhile(sandbox, save, script, until=until)
    assert told.stderr.count("Read-only file system") == 2, told.stderr
    assert sandbox.outside("git", "config", "--get-regexp", "[xa][.]").stdout == "x.y z\n"
    assert (sandbox.home / ".bashrc").read_text() == "two\n"
    assert (sandbox.project / ".vscode/tasks.json").read_text() == "two\n"


@pytest.mark.everywhere
def test_a_checkout_that_brings_what_may_not_appear(sandbox: Sandbox) -> None:
    """It stays, since it is what the commit holds, and cannot be changed from then on."""
    sandbox.write("file", "x\n")
    for branch, path in (("one", "file"), ("two", ".vscode/tasks.json")):
        sandbox.outside("git", "checkout", "-q", "-b", branch)
        sandbox.write(path, "of the commit\n")
        sandbox.outside("git", "add", "-f", path)
        assert sandbox.outside("git", *COMMITTER, "commit", "-qm", branch).returncode == 0
    sandbox.outside("git", "checkout", "-q", "one")
    assert not (sandbox.project / ".vscode").exists()
    told = meanwhile(
        sandbox,
        lambda _: sandbox.outside("git", "checkout", "-q", "two"),
        "cat .vscode/tasks.json; echo evil > .vscode/tasks.json",
        until=(("stays", ".vscode/tasks.json"),),
    )
    assert told.stdout == "of the commit\n", told.stderr
    assert "Read-only file system" in told.stderr
    assert (sandbox.project / ".vscode/tasks.json").read_text() == "of the commit\n"


def test_the_users_own_deny(sandbox: Sandbox) -> None:
    """Its file is not there at the start, and no agent made it."""
    told = meanwhile(
        sandbox,
        lambda _: sandbox.aigate("deny", "read", "x", "--project"),
        "echo evil > .aigate.yaml",
        until=(("stays", ".aigate.yaml"),),
    )
    assert "Read-only file system" in told.stderr
    assert (sandbox.project / ".aigate.yaml").read_text() == "deny_read:\n  - x\n"


def test_a_start_file_that_was_removed(sandbox: Sandbox) -> None:
    sandbox.write(".envrc", "mine\n")
    told = meanwhile(
        sandbox, lambda _: sandbox.outside("rm", ".envrc"), "until echo evil > .envrc; do sleep 0.01; done"
    )
    assert not (sandbox.project / ".envrc").exists()
    assert "may not be made by an agent and was moved away" in told.stderr
