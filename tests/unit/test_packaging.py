"""What goes out is described in one way: one version, one name, and notes that come from the changelog."""

from __future__ import annotations

import ast
import json
import pathlib
import re
import subprocess
import sys
import tomllib

import pytest
import yaml

import aigate

ROOT = pathlib.Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
NOTES = PACKAGING / "notes.py"
VERSIONED = {  # files whose readers want the version written out
    "aur/PKGBUILD": r"^pkgver=(\S+)$",
    "homebrew/aigate.rb": r"/v([\d.]+)/aigate_sandbox-",
    "devcontainer/src/aigate/devcontainer-feature.json": r'"version": "(\d[^"]*)"',
}


def notes(root: pathlib.Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the script over a changelog and a package of the test's own."""
    (root / "packaging").mkdir()
    (root / "aigate").mkdir()
    script = root / "packaging/notes.py"
    script.write_text(NOTES.read_text())
    (root / "aigate/__init__.py").write_text('__version__ = "1.2.0"\n')
    (root / "CHANGELOG.md").write_text(
        "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2030-01-02\n\n### Added\n- One\n  item.\n- Two.\n\n"
        "## [1.1.0]\n\n- Old.\n"
    )
    return subprocess.run([sys.executable, script, *words], capture_output=True, text=True)


def test_notes_are_the_versions_section(tmp_path: pathlib.Path) -> None:
    done = notes(tmp_path, "1.2.0")
    assert (done.returncode, done.stdout) == (0, "### Added\n- One item.\n- Two.\n")


@pytest.mark.parametrize(
    ("tag", "said"), [("1.1.0", "the tag says 1.1.0"), ("Unreleased", "nothing under [Unreleased]")]
)
def test_notes_that_do_not_fit_are_refused(tmp_path: pathlib.Path, tag: str, said: str) -> None:
    done = notes(tmp_path, tag)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


@pytest.mark.parametrize("name", VERSIONED)
def test_the_version_is_the_same_everywhere(name: str) -> None:
    found = re.findall(VERSIONED[name], (PACKAGING / name).read_text(), re.MULTILINE)
    assert found
    assert set(found) == {aigate.__version__}


def test_the_distributions_name_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == "aigate-sandbox"
    installing = re.compile(r"(?:pipx|pip|uv tool) install (?!-)[^\n]*?\baigate\b(?!-sandbox)(?![/.])")
    for path in (ROOT / "README.md", ROOT / "docs/install.md", ROOT / "docs/guide.md", *PACKAGING.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            bad = [
                line
                for line in path.read_text().splitlines()
                if installing.search(line) and "another project" not in line
            ]
            assert not bad, path


@pytest.mark.parametrize(
    "path",
    [
        *PACKAGING.rglob("*.yml"),
        *PACKAGING.rglob("*.yaml"),
        *(ROOT / ".github").rglob("*.yml"),
        ROOT / ".pre-commit-hooks.yaml",
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_it_can_be_parsed(path: pathlib.Path) -> None:
    assert yaml.safe_load(path.read_text())


def test_other_formats_can_be_parsed() -> None:
    assert json.loads((PACKAGING / "devcontainer/src/aigate/devcontainer-feature.json").read_text())["id"] == "aigate"
    assert tomllib.loads((PACKAGING / "cibuildwheel.toml").read_text())["tool"]["cibuildwheel"]["build"]
    for path in PACKAGING.glob("*.py"):
        ast.parse(path.read_text())


@pytest.mark.parametrize("path", [*PACKAGING.rglob("*.sh")], ids=lambda path: str(path.relative_to(PACKAGING)))
def test_shell_scripts_can_be_parsed(path: pathlib.Path) -> None:
    done = subprocess.run(["sh", "-n", path], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
