"""Whatever is written in the home inside, the user's own files stay as they are; the next run finds it."""

from __future__ import annotations

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
AGENT = """cd; echo evil >> .bashrc; rm -rf notes; mkdir -p .config/new .local/bin; echo x > .config/new/file
printf '#!/bin/sh\\n' > .local/bin/ls; ln -s /etc/passwd link; mv old renamed; chmod 600 kept
mkdir -p .config/autostart; echo x > .config/autostart/x.desktop; sed -i s/one/two/ kept
git config --global alias.st '!evil'"""


def filled(sandbox: Sandbox) -> list[tuple[str, int, bytes]]:
    for name, text in {".bashrc": "mine\n", "notes/a": "a\n", "old": "old\n", "kept": "one\n"}.items():
        sandbox.write(f"~/{name}", text)
    return tree(sandbox)


def tree(sandbox: Sandbox) -> list[tuple[str, int, bytes]]:
    """Return the home but for aigate's own directory and the project: path, mode and content."""
    found = [p for p in sandbox.home.rglob("*") if not {".aigate", "project"} & set(p.relative_to(sandbox.home).parts)]
    return sorted((str(p), p.lstat().st_mode, p.read_bytes() if p.is_file() else b"") for p in found)


def test_the_home_stays_as_it_is(sandbox: Sandbox) -> None:
    before = filled(sandbox)
    done = sandbox.shell(AGENT)
    assert (done.returncode, done.stderr) == (0, "")
    assert tree(sandbox) == before
    seen = sandbox.shell("cd; cat kept renamed .config/new/file link | head -4; ls -d notes")
    assert seen.stdout.splitlines()[:3] == ["two", "old", "x"]
    assert "notes" not in seen.stdout
    assert tree(sandbox) == before


def test_a_program_outside_sees_nothing_of_it(sandbox: Sandbox) -> None:
    filled(sandbox)
    sandbox.shell(AGENT)
    assert sandbox.outside("git", "config", "--global", "alias.st").returncode == 1
    assert sandbox.outside("sh", "-c", "cat ~/.bashrc; ls ~/.local 2>/dev/null").stdout == "mine\n"
