"""Manual pages, the reference and the schemas are those that the commands and the config's model make."""

from __future__ import annotations

import importlib.util
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SCRIPT = ROOT / "packaging/reference.py"


@pytest.fixture(scope="module")
def wanted() -> dict[pathlib.Path, str]:
    spec = importlib.util.spec_from_file_location("reference", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[pathlib.Path, str] = module.wanted()
    return found


def test_nothing_is_out_of_date(wanted: dict[pathlib.Path, str]) -> None:
    assert len(wanted) > 25
    old = [path.name for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    assert not old, "python packaging/reference.py brings them up to date"
    assert set((ROOT / "docs/man").iterdir()) <= set(wanted)


def test_manual_pages_are_good_roff(wanted: dict[pathlib.Path, str]) -> None:
    for path, text in wanted.items():
        if path.parent.name == "man":
            done = subprocess.run(
                ["groff", "-man", "-ww", "-Tutf8", "-P-cbou"], input=text, capture_output=True, text=True, check=True
            )
            assert done.stderr == "", path
            assert "aigate" in done.stdout


def test_a_page_says_what_help_says(wanted: dict[pathlib.Path, str]) -> None:
    for name, words in (("run", ["--learn-net", "--as-agent-user"]), ("deny", ["--except HOST", "git push"])):
        text = wanted[ROOT / f"docs/man/aigate-{name}.1"].replace("\\-", "-")
        for word in words:
            assert word in text
    assert wanted[ROOT / "docs/man/aigate-config.5"].count("\n.TP\n") >= 18
