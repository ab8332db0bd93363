"""The default list's general names do not count in folders with other people's code; names of secrets do."""

from __future__ import annotations

import pathlib

import pytest

from aigate.config.load import default_layer
from aigate.policy.patterns import parse_patterns
from aigate.policy.walk import find_paths

TREES = (
    "node_modules", "bower_components", "lib/python3/site-packages", "lib/python3/dist-packages", ".venv", "venv",
    "vendor", "target", "ios/Pods", "packages/a/node_modules/b/node_modules",
)  # fmt: skip


def hidden(project: pathlib.Path) -> set[str]:
    patterns = parse_patterns(default_layer(None).deny_read or (), "/home/nobody")
    return {item.path for item in find_paths(patterns, (), str(project)).hidden}


@pytest.mark.parametrize("tree", TREES)
def test_packages_work_and_their_secrets_stay_hidden(tmp_path: pathlib.Path, tree: str) -> None:
    folder = tmp_path / tree / "aws-sdk"
    for name in ("lib/credentials/chain.js", "secrets/x.py", "test/server.key", "a.pem", "b.p12", ".env", ".env.local"):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    (folder / "terraform.tfstate").touch()
    assert hidden(tmp_path) == {f"{folder}/{name}" for name in (".env", ".env.local", "terraform.tfstate")}


@pytest.mark.parametrize("name", ["secrets/x", "src/credentials/x", "server.key", "deploy/a.pem", "node_modules.key"])
def test_the_projects_own_are_hidden(tmp_path: pathlib.Path, name: str) -> None:
    place = tmp_path / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    assert len(hidden(tmp_path)) == 1


def test_a_file_with_the_name_of_such_a_folder_changes_nothing(tmp_path: pathlib.Path) -> None:
    (tmp_path / "vendor").touch()
    (tmp_path / "secrets/node_modules/a").mkdir(parents=True)
    assert hidden(tmp_path) == {f"{tmp_path}/secrets"}
