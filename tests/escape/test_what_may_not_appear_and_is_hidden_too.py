"""A name that deny_write keeps from appearing does not stay because a pattern of deny_read names it as well."""

from __future__ import annotations

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


def test_it_is_moved_away(sandbox: Sandbox) -> None:
    sandbox.config("deny_read: ['.env*', '*.json']\ndeny_write: [.envrc, .vscode/*.json]\n")
    done = sandbox.shell("echo x > .envrc; mkdir .vscode; echo y > .vscode/tasks.json; echo z > .env.local")
    assert done.returncode == 0
    assert not (sandbox.project / ".envrc").exists()
    assert not (sandbox.project / ".vscode/tasks.json").exists()
    assert (sandbox.project / ".env.local").exists()  # which programs outside do not run
    assert ".envrc, .vscode/tasks.json: may not be made by an agent and was moved away" in done.stderr
