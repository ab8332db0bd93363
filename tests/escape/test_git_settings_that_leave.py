"""What branches track and new remotes leave the sandbox as they are set; what leads git elsewhere does not."""

from __future__ import annotations

import pytest
from meanwhile import meanwhile, wait_until

from aigate.watch.settings import may_leave, merged

BACKENDS = ("bwrap", "unshare")
OURS = {"remote.origin.url": ("https://example.invalid/x",), "branch.main.remote": ("origin",)}
KNOWN = frozenset({"remote.origin", "branch.main", "core"})
WANTED = "set -e; git remote add second ../other.git; git checkout -q -b new; git config --get remote.second.url"
SEEN = "until git config --get remote.mine.url; do sleep 0.05; done; git config --get remote.second.url"
UNWANTED = """
for each in 'core.fsmonitor ./x' 'alias.x !x' 'include.path ../x' 'remote.origin.url ../x' 'core.hooksPath x' \\
    'remote.second.vcs x' 'remote.second.uploadpack x' 'remote.third.url ext::x' 'branch.main.remote ../x'
do /usr/bin/env git -c alias.z=config z $each; echo $?; done
printf '[core]\\n\\tsshCommand = x\\n[branch "plain"]\\n\\tmerge = refs/heads/x\\n' >>.git/config
! mv .git/config away; ! ln -sf x .git/config; git config --get core.sshCommand
"""


def repository(sandbox) -> None:
    done = sandbox.outside("sh", "-ec", "git init -qb main . && git remote add origin ../x && git config a.b c")
    assert done.returncode == 0, done.stderr


def test_a_new_remote_is_there_outside_while_the_run_lasts(sandbox):
    repository(sandbox)
    config = sandbox.project / ".git/config"

    def change(_: object) -> None:
        wait_until(lambda: "+refs/heads/*:refs/remotes/second/*" in config.read_text())
        assert sandbox.outside("git", "config", "remote.mine.url", "../mine").returncode == 0

    told = meanwhile(sandbox, change, SEEN, before=WANTED)
    assert told.returncode == 0, told.stderr
    text = config.read_text()
    for part in ("../other.git", "../mine", "b = c"):
        assert part in text


def test_nothing_else_leaves(sandbox):
    repository(sandbox)
    before = sandbox.outside("git", "config", "--local", "--list").stdout
    done = sandbox.run("sh", "-c", UNWANTED)
    after = sandbox.outside("git", "config", "--local", "--list").stdout
    assert after == f"{before}branch.plain.merge=refs/heads/x\n", done.stderr
    assert "core.sshcommand" in done.stderr


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("remote.new.url", "ext::sh -c x"),
        ("remote.new.url", "-x"),
        ("remote.new.url", "ssh://-x/y"),
        ("remote.new.fetch", "+refs/heads/*:refs/heads/*"),
        ("remote.new.receivepack", "x"),
        ("remote.origin.url", "https://example.invalid/y"),
        ("remote.origin.pushurl", "https://example.invalid/y"),
        ("branch.main.remote", "new"),
        ("branch.main.remote", "../x"),
        ("branch.new.remote", "../x"),
        ("branch.new.mergeoptions", "x"),
        ("submodule.x.update", "!x"),
        ("remote.pushdefault", "new"),
        ("core.bare", "true"),
        ("remote.a\x1bb.url", "../x"),
    ],
)
def test_what_may_not_leave(key: str, value: str) -> None:
    assert not may_leave(key, (value,), {**OURS, "remote.new.url": ("../x",)}, KNOWN)


def test_who_is_outside_has_the_last_word() -> None:
    last = {"branch.x.merge": ("refs/heads/a",)}
    theirs, ours = {"branch.x.merge": ("refs/heads/b",)}, {"branch.x.merge": ("refs/heads/c",)}
    assert merged(last, theirs, ours, frozenset()) == ({}, ours, [])
    assert merged(last, theirs, last, frozenset()) == (theirs, {}, [])
    assert merged(last, {}, last, frozenset()) == ({"branch.x.merge": ()}, {}, [])
