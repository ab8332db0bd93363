"""`aigate layer apply DIRECTORY` brings out an agent's work, and nothing that the user's programs would run or obey."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

COMMIT = "git add -A; git -c user.name=a -c user.email=a@example.com commit -qm work"
EVIL = """git config core.fsmonitor 'touch evil'
mkdir -p .git/hooks .vscode; echo evil >.envrc; echo {} >.vscode/tasks.json
printf '#!/bin/sh\ntouch evil\n' >.git/hooks/post-checkout; chmod +x .git/hooks/post-checkout"""


@pytest.fixture
def layered(sandbox: Sandbox) -> Sandbox:
    text = (sandbox.home / ".aigate/config.yaml").read_text()
    kept = [line for line in text.splitlines() if not line.startswith("project:")]
    sandbox.config("\n".join([*kept, "project: layer", ""]))
    sandbox.write("file", "x\n")
    sandbox.outside("sh", "-c", f"git init -q .; {COMMIT}")
    return sandbox


@pytest.mark.everywhere
def test_commits_come_out_and_hooks_do_not(layered: Sandbox) -> None:
    config = (layered.project / ".git/config").read_text()
    assert layered.shell(f"{EVIL}; echo other >file; {COMMIT}").returncode == 0
    done = layered.aigate("layer", "apply", str(layered.project / ".git"))
    assert done.returncode == 0, done.stderr
    assert ".git/hooks/post-checkout" in done.stdout
    assert ".git/config" in done.stdout
    assert layered.outside("git", "log", "--format=%s").stdout == "work\nwork\n"
    assert layered.outside("git", "fsck").returncode == 0
    assert (layered.project / ".git/config").read_text() == config
    assert layered.outside("git", "checkout", "-q", "HEAD", "--", "file").returncode == 0
    assert (layered.project / "file").read_text() == "other\n"  # of another size: git takes seconds alone for a change
    assert not (layered.project / "evil").exists()
    assert layered.shell("git config core.fsmonitor; ls .git/hooks/post-checkout").returncode == 0, "it is there inside"


def test_what_is_named_comes_out(layered: Sandbox) -> None:
    assert layered.shell(EVIL).returncode == 0
    for path in (".envrc", ".git/hooks", ".vscode/tasks.json"):
        done = layered.aigate("layer", "apply", str(layered.project / path))
        assert (done.returncode, "left in the layer" in done.stdout) == (0, False), done.stderr
        assert (layered.project / path).exists()
    assert (layered.project / ".git/hooks/post-checkout").exists()


def test_a_directory_in_the_place_of_another_leaves_what_is_guarded(layered: Sandbox) -> None:
    config = (layered.project / ".git/config").read_text()
    hook = layered.write(".git/hooks/pre-commit", "mine\n")
    layered.shell(f"rm -rf .git; git init -q .; {COMMIT}; git config x.y evil; rm -f .git/hooks/pre-commit")
    done = layered.aigate("layer", "apply", str(layered.project / ".git"))
    assert done.returncode == 0, done.stderr
    assert (layered.project / ".git/config").read_text() == config
    assert hook.read_text() == "mine\n"
    assert layered.outside("git", "log", "--format=%s").stdout == "work\n"


def test_a_file_in_the_place_of_a_directory_leaves_what_is_guarded(layered: Sandbox) -> None:
    hook = layered.write("sub/.git/hooks/pre-commit", "mine\n")
    layered.shell("rm -r sub/.git/hooks; echo x >sub/.git/hooks; echo x >sub/other")
    done = layered.aigate("layer", "apply", str(layered.project / "sub"))
    assert "left in the layer" in done.stdout, done.stderr
    assert hook.read_text() == "mine\n"
    assert (layered.project / "sub/other").exists()


def test_what_was_agreed_to_comes_out_with_its_directory(layered: Sandbox) -> None:
    layered.shell("mkdir -p ~/.local/bin; echo x >~/.local/bin/tool; echo x >~/.local/other")
    assert "kept" in layered.aigate("layer", "keep").stdout
    assert layered.aigate("layer", "apply", f"{layered.home}/.local").returncode == 0
    assert (layered.home / ".local/bin/tool").exists()
