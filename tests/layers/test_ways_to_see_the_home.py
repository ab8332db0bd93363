"""`home` and `project` of the config: each way shows what it says, and keeps what it says."""

from __future__ import annotations

import pytest
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
LOOK = (
    "cd; cat mine; echo new > new && cat new; echo c > .cache/c && cat .cache/c\n"
    "grep -s s3cr3t .netrc; echo p > project/made"
)
SEEN = {
    "layer": ("mine\nnew\nc\n", []),
    "readonly": ("mine\nc\n", []),
    "closed": ("new\n", []),
    "writable": ("mine\nnew\nc\n", ["new", ".cache/c"]),
}


@pytest.mark.parametrize("kind", SEEN)
def test_ways_to_see_the_home(sandbox: Sandbox, kind: str) -> None:
    sandbox.write("~/mine", "mine\n")
    sandbox.write("~/.netrc")
    sandbox.write("~/.cache/x", "x\n")
    sandbox.config(sandbox.path("~/.aigate/config.yaml").read_text().replace("home: layer", f"home: {kind}"))
    done = sandbox.shell(LOOK)
    stdout, outside = SEEN[kind]
    assert done.stdout == stdout
    assert SECRET not in done.stderr
    assert [name for name in ("new", ".cache/c") if sandbox.path(f"~/{name}").exists()] == outside
    assert sandbox.path("made").read_text() == "p\n"
    assert "quarantine" not in done.stderr
    assert sandbox.path(".git/config").exists()
    named = {"layer": "in a layer", "readonly": "read-only"}.get(kind, kind)
    assert f"home {named}" in sandbox.run("true", options=()).stderr


def test_a_layered_project(sandbox: Sandbox) -> None:
    sandbox.write("kept", "mine\n")
    sandbox.write(".env")
    script = "echo changed > kept; echo new > new; rm -rf .git/refs; cat .env"
    done = sandbox.run("sh", "-c", script, options=("--layer", "--quiet"))
    assert SECRET not in done.stdout
    assert sandbox.path("kept").read_text() == "mine\n"
    assert not sandbox.path("new").exists()
    assert sandbox.path(".git/refs").exists()
    assert sandbox.aigate("layer", "apply", "kept").stdout == "applied: ~/project/kept\n"
    assert sandbox.path("kept").read_text() == "changed\n"


def test_a_project_that_is_the_home(sandbox: Sandbox) -> None:
    sandbox.write("~/.netrc")
    done = sandbox.run("sh", "-c", "echo x > here; cat here; grep -s s3cr3t .netrc", options=(), cwd=sandbox.home)
    assert done.stdout == "x\n"
    assert f"the project {sandbox.home} is layered" in done.stderr
    assert not sandbox.path("~/here").exists()


def test_single_files_are_not_shared_with_a_closed_home(sandbox: Sandbox) -> None:
    """Which is said; a directory is."""
    sandbox.write("~/.tool/state.json", "{}\n")
    sandbox.write("~/.other/file", "x\n")
    sandbox.config("home: closed\nshare: [~/.tool/state.json, ~/.other/]\n")
    done = sandbox.run("sh", "-c", "cat ~/.tool/state.json ~/.other/file", options=())
    assert done.stdout == "x\n"
    assert f"not active: share: {sandbox.home}/.tool/state.json: a single file is not there" in done.stderr
