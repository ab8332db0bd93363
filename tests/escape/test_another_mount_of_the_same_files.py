"""What the host has mounted in a second place is denied there as well."""

from __future__ import annotations

import pytest
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")


def test_another_mount_of_the_same_tree(sandbox: Sandbox) -> None:
    sandbox.without_limits()
    file = sandbox.write(".env")
    again = sandbox.home / "again"
    again.mkdir()
    inner = " ".join(sandbox.prefix)
    script = f"mount --bind {sandbox.project} {again} && {inner} run -q -- cat {again}/.env {file}"
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "sh", "-c", script])
    assert done.stderr.count("Permission denied") == 2, done.stderr
    assert SECRET not in done.stdout


@pytest.mark.parametrize(
    ("mounted", "attack"),
    [
        ("~/.ssh/keys", "cat ~/again/file"),
        ("~/.ssh/keys/file", "cat ~/again"),
        ("~/.local/lib/x", "echo evil > ~/again/evil.pth; cat ~/.local/lib/x/evil.pth"),
    ],
)
def test_a_mount_of_a_part_of_it(sandbox: Sandbox, mounted: str, attack: str) -> None:
    sandbox.without_limits()
    file = sandbox.write(mounted if mounted.endswith("file") else f"{mounted}/file")
    again = sandbox.home / "again"
    again.touch() if mounted.endswith("file") else again.mkdir()
    inner = " ".join(sandbox.prefix)
    script = f"mount --bind {sandbox.path(mounted)} {again} && {inner} run -q -- sh -c '{attack}'"
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "sh", "-c", script])
    assert SECRET not in done.stdout
    assert "could not" not in done.stderr
    assert "cannot be enforced" not in done.stderr
    assert not (file.parent / "evil.pth").exists()


@pytest.mark.parametrize("mounted", [".", "notes"], ids=["whole", "in part"])
def test_a_closed_home_is_closed_there_too(sandbox: Sandbox, mounted: str) -> None:
    """Whole and in part; but for a mount that holds the project, which is what agents work on."""
    sandbox.without_limits()
    text = (sandbox.home / ".aigate/config.yaml").read_text()
    sandbox.config("\n".join(line for line in text.splitlines() if not line.startswith("home:")) + "\nhome: closed\n")
    sandbox.write("~/notes/file")
    again = sandbox.home.parent / "again"
    again.mkdir()
    inner = " ".join(sandbox.prefix)
    look = (
        f"cd {sandbox.project} && {inner} run -q -- sh -c 'ls {again}; cat {again}/notes/file {again}/file; echo end'"
    )
    script = f"mount --bind {sandbox.home / mounted} {again} && {look}"
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "sh", "-c", script])
    assert done.stdout == "end\n", done.stderr
