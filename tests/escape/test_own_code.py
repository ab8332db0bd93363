"""aigate, installed where the agent can write: in a virtual environment of the project, or of the home."""

from __future__ import annotations

import os
import pathlib
import shutil
import sys
import sysconfig

import pytest
from planted import VERSION, Planted
from sandbox import Sandbox, install_programs

import aigate

BACKENDS = ("bwrap", "unshare")
SITE = pathlib.Path(sysconfig.get_paths()["purelib"])
PYTHONS_OWN = (".pyc", ".bundle")  # which it writes itself
PLACES = ("project/.venv", "work/.venv", ".local/share/pipx/venvs/aigate")  # below the home
ATTACKS = """
cd "$1"; site=$1/lib/$2/site-packages
echo 'import planted' >> "$site/x.pth"
cp "$3" "$site/sitecustomize.py"; cp "$3" "$site/idna.py"; cp "$3" "$site/yaml.py"
cat "$3" >> "$site/aigate/cli/__init__.py"; cat "$3" > "$site/click/__init__.py"
rm -rf "$site/yaml"; mv "$site/aigate" "$site/old"; mkdir "$site/aigate"
cp "$3" bin/aigate-python; cp /bin/true bin/aigate; cp /bin/true bin/aigate-mask
ln -sf /bin/true bin/python; ln "$site/click/__init__.py" ../link
echo 'home = /nowhere' > pyvenv.cfg
cd ..; mv "$1" moved; mv ../.venv ../moved; exit 0
"""


def install(sandbox: Sandbox, place: str) -> str:
    """Make a virtual environment with aigate, for the sandbox's user; start it from there. Return its path."""
    target = sandbox.home / place
    site = target / "lib" / VERSION / "site-packages"
    (target / "bin").mkdir(parents=True)
    for name in ("click", "yaml", "dns", "h11", "hpack"):
        shutil.copytree(SITE / name, site / name)
    unneeded = shutil.ignore_patterns("*.cpp", "*.hpp", "*.o")
    shutil.copytree(pathlib.Path(aigate.__file__).parent, site / "aigate", ignore=unneeded)
    python = os.path.realpath(sys.executable)
    (target / "bin/python").symlink_to(python)
    (target / "pyvenv.cfg").write_text(f"home = {os.path.dirname(python)}\ninclude-system-site-packages = false\n")
    program = install_programs(target / "bin", str(target / "bin/python"))
    for path in (sandbox.home / place.split("/", maxsplit=1)[0]).rglob("*"):
        os.chown(path, sandbox.uid, sandbox.gid, follow_symlinks=False)
    sandbox.prefix[:] = [str(program)]
    return str(target)


def contents(directory: str) -> dict[str, bytes | str]:
    found = {}
    for path in pathlib.Path(directory).rglob("*"):
        if not path.name.endswith(PYTHONS_OWN) and (path.is_symlink() or path.is_file()):
            found[str(path)] = os.readlink(path) if path.is_symlink() else path.read_bytes()
    return found


@pytest.mark.spread("place")
@pytest.mark.parametrize("place", PLACES)
def test_nothing_that_aigate_runs_from_can_be_changed(sandbox: Sandbox, place: str) -> None:
    environment = install(sandbox, place)
    planted = Planted(sandbox)
    source = planted.module("planted.py")
    before = contents(environment)
    done = sandbox.run("sh", "-c", ATTACKS, "sh", environment, VERSION, str(source))
    assert done.returncode == 0, done.stderr
    assert contents(environment) == before
    assert not planted.runs_at_next_start()


def test_the_banner_says_what_of_the_project_cannot_be_changed(sandbox: Sandbox) -> None:
    environment = install(sandbox, "project/.venv")
    done = sandbox.run("true", options=())
    assert f"aigate: {environment}, which aigate runs from, cannot be changed by the command\n" in done.stderr


def test_code_around_the_project_stops_the_run(sandbox: Sandbox) -> None:
    inner = sandbox.project / "lib" / VERSION / "site-packages/work"
    install(sandbox, "project")
    inner.mkdir()
    os.chown(inner, sandbox.uid, sandbox.gid)
    done = sandbox.run("true", cwd=inner)
    assert done.returncode == 1
    assert f"aigate runs from {sandbox.project}, where the command could change it" in done.stderr
    assert "hint: install aigate outside of the project" in done.stderr


def test_what_uv_has_linked_to_its_cache_cannot_be_changed_there(sandbox: Sandbox) -> None:
    environment = install(sandbox, ".local/share/uv/tools/aigate")
    planted = Planted(sandbox)
    source = planted.module("planted.py")
    entries = {name: sandbox.home / f".cache/uv/archive-v0/{name}-entry" for name in ("aigate", "click", "other")}
    for name, entry in entries.items():
        package = pathlib.Path(environment, "lib", VERSION, "site-packages", name)
        if package.exists():
            shutil.copytree(package, entry / name, copy_function=os.link)
            for directory in (entry, entry / name):
                os.chown(directory, sandbox.uid, sandbox.gid)
        else:
            sandbox.write(f"~/.cache/uv/archive-v0/other-entry/{name}/__init__.py")
    for place in (sandbox.home / ".cache").rglob("*"):  # a layer changes nothing of what is somebody else's
        if place.is_dir():
            os.chown(place, sandbox.uid, sandbox.gid)
    os.chown(sandbox.home / ".cache", sandbox.uid, sandbox.gid)
    script = 'for file in "$1"/*/*/__init__.py; do cat "$2" >> "$file" && echo "$file"; done; exit 0'
    sandbox.config(sandbox.path("~/.aigate/config.yaml").read_text().replace("home: layer", "home: writable"))
    done = sandbox.run("sh", "-c", script, "sh", str(sandbox.home / ".cache/uv/archive-v0"), str(source))
    assert done.stdout == f"{entries['other']}/other/__init__.py\n"
    assert not planted.runs_at_next_start()
