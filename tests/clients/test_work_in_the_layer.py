"""Real work in the layer: a package installed for the user, dotfiles and settings, then out or thrown away."""

from __future__ import annotations

import json
import pathlib

import pytest
from agents import ENVIRONMENT, client

BACKENDS = ("bwrap", "unshare")
PACKAGE = {"name": "tool", "version": "1.0.0", "bin": {"tool": "tool.js"}, "files": ["tool.js", "cert.pem"]}
NPM = "npm --offline --no-audit --no-fund --loglevel=error"
INSTALL = f"cd tool && {NPM} pack && {NPM} install --global --prefix ~/.local ./tool-1.0.0.tgz && ~/.local/bin/tool"
EDIT = """cd; echo 'set number' >>.vimrc; mkdir -p .config/tool; echo x >.config/tool/new
echo '{"mcpServers": {"x": {"command": "evil"}}}' >.claude.json"""


# What pipx does: an environment of the program's own, and a link to it in a directory of PATH.
VENV = "~/.local/share/pipx/venvs/own"
PIPX = f"""python3 -m venv {VENV} && {VENV}/bin/pip install -q --no-index --no-build-isolation ./own &&
mkdir -p ~/.local/bin && ln -s {VENV}/bin/own ~/.local/bin/own && ~/.local/bin/own"""
POINTS = "{'console_scripts': ['own=own:main']}"
SETUP = f"from setuptools import setup\nsetup(name='own', py_modules=['own'], entry_points={POINTS})"


def package(sandbox) -> None:
    sandbox.write("tool/package.json", json.dumps(PACKAGE))
    sandbox.write("tool/tool.js", "#!/usr/bin/env node\nconsole.log('works')\n", mode=0o755)
    sandbox.write("tool/cert.pem", "a certificate of somebody else's\n")


def home(sandbox) -> list[str]:
    found = (str(path.relative_to(sandbox.home)) for path in sandbox.home.rglob("*"))
    return sorted(path for path in found if not path.startswith((".aigate", "project")))


def test_a_package_is_installed_and_brought_out(sandbox):
    package(sandbox)
    sandbox.config("backend: auto\ndeny_read: [no.such]\n")
    before = home(sandbox)
    done = sandbox.shell(INSTALL, timeout=120)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["works"]), done.stderr
    assert home(sandbox) == before
    listed = sandbox.aigate("layer", "diff").stdout
    assert "~/.local/bin/tool" in listed
    places = (f"{sandbox.home}/.local/bin/tool", f"{sandbox.home}/.local/lib/node_modules/tool")
    assert sandbox.aigate("layer", "apply", *places).returncode == 0
    assert sandbox.outside("sh", "-c", "~/.local/bin/tool").stdout == "works\n"


def test_a_program_in_an_environment_is_thrown_away_or_brought_out(sandbox):
    sandbox.write("own/setup.py", SETUP)
    sandbox.write("own/own.py", "def main():\n    print('works')\n")
    before = home(sandbox)
    places = (f"{sandbox.home}/.local/bin/own", f"{sandbox.home}/.local/share/pipx")
    done = sandbox.shell(PIPX, timeout=120)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["works"]), done.stderr
    assert home(sandbox) == before
    assert "~/.local/share/pipx/venvs/own/bin/own" in sandbox.aigate("layer", "diff", "--names").stdout
    assert sandbox.aigate("layer", "discard", *places).returncode == 0
    assert sandbox.aigate("layer", "diff", "--names", *places).stdout == ""
    assert sandbox.shell(PIPX, timeout=120).returncode == 0
    assert sandbox.aigate("layer", "apply", *places).returncode == 0
    assert sandbox.outside("sh", "-c", "~/.local/bin/own").stdout == "works\n"


def test_certificates_in_dependencies_do_not_stop_npm(sandbox):
    package(sandbox)
    app = {"name": "app", "version": "1.0.0", "dependencies": {"tool": "file:tool-1.0.0.tgz"}}
    sandbox.write("package.json", json.dumps(app))
    made = sandbox.outside("sh", "-ec", f"(cd tool; {NPM} pack); mv tool/tool-1.0.0.tgz .; rm -r tool; {NPM} install")
    assert made.returncode == 0, made.stderr
    done = sandbox.shell(f"{NPM} ci && cat node_modules/tool/cert.pem && {NPM} pack", timeout=120)
    assert done.returncode == 0, done.stderr
    assert "somebody else" in done.stdout
    assert pathlib.Path(sandbox.project, "app-1.0.0.tgz").exists()


def test_dotfiles_and_settings_come_out_one_by_one(sandbox):
    sandbox.write("~/.vimrc", "syntax on\n")
    sandbox.write("~/.claude.json", "{}\n")
    before = home(sandbox)
    assert sandbox.shell(EDIT).returncode == 0
    assert home(sandbox) == before
    assert sandbox.path("~/.claude.json").read_text() == "{}\n"
    assert sandbox.aigate("layer", "apply", f"{sandbox.home}/.vimrc").returncode == 0
    assert sandbox.path("~/.vimrc").read_text() == "syntax on\nset number\n"
    assert sandbox.aigate("layer", "discard", "--all").returncode == 0
    assert sandbox.aigate("layer", "diff").stdout == ""
    assert home(sandbox) == before


@pytest.mark.parametrize("sandbox", ["root"], indirect=True)
def test_a_server_that_claude_adds_stays_inside(sandbox, installed):
    """The real Claude Code, inside and outside, and the user's own file."""
    claude = client("claude", installed)
    sandbox.extra.update(ENVIRONMENT)
    done = sandbox.shell(f"{claude} mcp add evil -s user -- sh -c 'touch ~/ran'; {claude} mcp list", timeout=120)
    assert "evil: sh -c touch ~/ran" in done.stdout, done.stderr
    assert "evil" not in sandbox.outside(claude, "mcp", "list").stdout
    assert not sandbox.path("~/ran").exists()
    assert "~/.claude.json" in sandbox.aigate("layer", "diff", "--names").stdout
    assert sandbox.aigate("layer", "discard", "--all").returncode == 0
    assert "evil" not in sandbox.shell(f"{claude} mcp list", timeout=120).stdout
