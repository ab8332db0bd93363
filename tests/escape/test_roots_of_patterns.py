"""What an agent puts above or into a project moves no pattern; a project file's patterns count from where it lies."""

from __future__ import annotations

import pytest
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
BAITS = ("git init -q ..", "mkdir ../.git", "echo '{}' > ../.aigate.yaml", "mkdir ../../.git; mkdir ../.git")


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("bait", BAITS)
def test_a_root_made_above(sandbox: Sandbox, bait: str, marked: bool) -> None:
    """With the home as it is, writable: what is made there is there for the next run."""
    sandbox.config(
        "home: writable\ndeny_read: [/conf/prod.yaml, conf/key]\ndeny_write: [.claude/settings.json, .vscode/*.json]\n"
    )
    project = sandbox.home / "code/shop"
    for path in (
        "conf/prod.yaml",
        "conf/key",
        ".claude/settings.json",
        ".vscode/tasks.json",
        *([".git/HEAD"] * marked),
    ):
        sandbox.write(f"~/code/shop/{path}")
    sandbox.outside("sh", "-c", f"cd {project} && {bait}")  # as an agent does, in a run before
    attack = "cat conf/prod.yaml conf/key; echo evil > .claude/settings.json; echo evil > .vscode/tasks.json"
    done = sandbox.shell(attack, cwd=project)
    assert done.stdout == ""
    assert done.stderr.count("Permission denied") + done.stderr.count("Read-only file system") == 4, done.stderr
    assert SECRET in (project / ".claude/settings.json").read_text()


def test_a_package_with_a_config_of_its_own(sandbox: Sandbox) -> None:
    """In a repository of many: its patterns count from its own directory, and for nothing beside it."""
    sandbox.write("packages/a*b/.aigate.yaml", "deny_read: [/conf/prod.yaml, data/key, '*.private']\n")
    hidden = ("packages/a*b/conf/prod.yaml", "packages/a*b/data/key", "packages/a*b/x/y.private")
    shown = ("conf/prod.yaml", "packages/aXb/conf/prod.yaml", "data/key", "x.private", "packages/a*b/x/conf/prod.yaml")
    for path in (*hidden, *shown):
        sandbox.write(path)
    done = sandbox.run("cat", *(str(sandbox.path(path)) for path in hidden), cwd=sandbox.path("packages/a*b"))
    assert done.stderr.count("Permission denied") == len(hidden)
    done = sandbox.run("cat", *(str(sandbox.path(path)) for path in shown), cwd=sandbox.path("packages/a*b"))
    assert done.stdout == f"{SECRET}\n" * len(shown), done.stderr


def test_what_a_package_takes_back(sandbox: Sandbox) -> None:
    """By its place in the project, not in a directory that an agent has made a root of."""
    sandbox.config("deny_read: ['*.pem', '!/public/*.pem']\n")
    sandbox.write("public/a.pem")
    sandbox.write("sub/public/b.pem")
    sandbox.outside("git", "init", "-q", "sub")
    done = sandbox.shell("cat ../public/a.pem; cat public/b.pem", cwd=sandbox.project / "sub")
    assert done.stdout == f"{SECRET}\n"
    assert "public/b.pem: Permission denied" in done.stderr
