"""A link at a name that patterns mean, dangling or in a circle, ends no run, and opens no way to the next one."""

from __future__ import annotations

import os

import pytest
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
NAMES = ("~/.zprofile", ".envrc", ".git/hooks", "~/.kube/config", ".env", ".claude/settings.json")


@pytest.mark.parametrize("target", ["nowhere", "itself"])
def test_the_run_starts_and_they_stay(sandbox: Sandbox, target: str) -> None:
    text = sandbox.path("~/.aigate/config.yaml").read_text()
    sandbox.config(text.replace("\nhome: layer\n", "\nhome: writable\n"))
    sandbox.outside("rm", "-rf", ".git/hooks")
    links = [sandbox.path(name) for name in NAMES]
    for link in links:
        link.parent.mkdir(parents=True, exist_ok=True)
        os.chown(link.parent, sandbox.uid, sandbox.gid)
        link.symlink_to("nowhere" if target == "nowhere" else link.name)
        os.lchown(link, sandbox.uid, sandbox.gid)
    words = [str(link) for link in links]
    done = sandbox.run("sh", "-c", "for x; do rm -f $x; ln -snf /etc $x; echo evil > $x; done; echo ran", "sh", *words)
    assert done.stdout == "ran\n", done.stderr
    assert {os.readlink(link) for link in links} <= {"nowhere", *(link.name for link in links)}
    assert not [link for link in links if (link.parent / "nowhere").exists() and link.name != ".env"]


def test_a_link_to_a_denied_file_cannot_be_taken_away_for_the_next_run(sandbox: Sandbox) -> None:
    """The file is hidden for the link's sake alone."""
    sandbox.config("home: writable\ndeny_read: [.env, keys/*]\n")
    sandbox.write("~/vault/first", SECRET)
    sandbox.write("~/vault/keys/second", SECRET)
    (sandbox.project / ".env").symlink_to(sandbox.home / "vault/first")
    (sandbox.project / "keys").symlink_to(sandbox.home / "vault/keys")
    sandbox.shell("rm .env keys; mv .env x; mv keys y; ln -snf /etc keys")
    assert (sandbox.project / ".env").is_symlink()
    done = sandbox.shell("cat ~/vault/first ~/vault/keys/second .env keys/second")
    assert done.stdout == ""


@pytest.mark.parametrize("bait", ["mkfifo", ": >", "truncate -s 2M", "ln -s nowhere", "ln -s .aigate.yaml", "mkdir"])
def test_a_project_file_that_cannot_be_read(sandbox: Sandbox, bait: str) -> None:
    """One line that names it, and one that says how to go on without it; no waiting."""
    sandbox.outside("sh", "-c", f"{bait} .aigate.yaml")
    done = sandbox.run("echo", "ran")
    assert (done.returncode, done.stdout) == (1, "")
    first, second = done.stderr.splitlines()
    assert f"{sandbox.project}/.aigate.yaml" in first or f"{sandbox.project}/nowhere" in first
    assert second.startswith("  hint: ")
    assert ".aigate.yaml.off" in second or "{}" in second
