"""What is protected besides what patterns find."""

from __future__ import annotations

import pathlib

import pytest

from aigate.config.model import Entry
from aigate.policy.model import Protected
from aigate.policy.patterns import parse_patterns
from aigate.policy.protect import Place, protected_besides


def protected(home: pathlib.Path, *patterns: str, found: tuple[Protected, ...] = ()) -> dict[str, Protected]:
    project = home / "project"
    project.mkdir(exist_ok=True)
    entries = tuple(Entry(text, "config", 1) for text in patterns)
    at = Place(str(home), str(project), "", ())
    items = protected_besides((), parse_patterns(entries, str(home)), found, (), at).items
    return {item.path: item for item in items if item.path.startswith(str(home))}


def test_what_is_missing_may_not_appear(tmp_path: pathlib.Path) -> None:
    path = f"{tmp_path}/.zshenv"
    entry = Entry("~/.zshenv", "config", 1)
    assert protected(tmp_path, "~/.zshenv") == {path: Protected(path, directory=False, placeholder=True, entry=entry)}


@pytest.mark.parametrize("pattern", ["~/.zshenv", "~/later/"])
def test_what_appears_after_the_search_is_protected_as_it_is(tmp_path: pathlib.Path, pattern: str) -> None:
    """Between the search and this."""
    path = tmp_path / pattern.removeprefix("~/").rstrip("/")
    if pattern.endswith("/"):
        path.mkdir()
    else:
        path.touch()
    entry = Entry(pattern, "config", 1)
    expected = Protected(str(path), directory=pattern.endswith("/"), placeholder=False, entry=entry)
    assert protected(tmp_path, pattern) == {str(path): expected}


def test_a_file_where_a_directory_is_meant_is_not(tmp_path: pathlib.Path) -> None:
    (tmp_path / "later").touch()
    assert protected(tmp_path, "~/later/") == {}


def test_what_is_taken_back_is_not(tmp_path: pathlib.Path) -> None:
    (tmp_path / ".zshenv").touch()
    assert protected(tmp_path, "~/.zshenv", "!~/.zshenv") == {}
