"""Other names of what is covered, as the watch finds them among names that come: before and after it is covered."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from aigate import _events
from aigate.watch.names import AFTER, LINKED, TWIN, OtherNames

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OtherNames]:
    """Where one file is hidden, which has one name."""
    monkeypatch.chdir("/")
    descriptor = _events.inotify_open()
    made = OtherNames(descriptor)
    hidden = tmp_path / "hidden"
    hidden.write_text("secret")
    places = SimpleNamespace(hidden={str(hidden)}, protected=set(), closed=set(), writable=bool, in_project=bool)
    assert not made.begin(places, 1.0)
    yield made
    os.close(descriptor)


def come(names: OtherNames, path: Path) -> str:
    names.came(str(path))
    return str(path)


def test_a_name_that_came_before_its_file_was_covered(names: OtherNames, tmp_path: Path) -> None:
    """Whatever else was looked for when it came."""
    new, twin = tmp_path / "new", tmp_path / "twin"
    new.write_text("x")
    os.link(new, twin)
    come(names, new)
    came = come(names, twin)
    assert list(names.found()) == []
    assert list(names.found()) == []
    os.rename(new, tmp_path / "place")
    names.add(str(tmp_path / "place"), TWIN, new=True)
    assert list(names.found()) == [(came, TWIN)]
    assert list(names.found()) == []


def test_a_name_that_comes_later(names: OtherNames, tmp_path: Path) -> None:
    for number in range(AFTER - 1):
        come(names, tmp_path / f"gone{number}")
    assert list(names.found()) == []
    os.link(tmp_path / "hidden", tmp_path / "other")
    came = come(names, tmp_path / "other")
    assert list(names.found()) == [(came, LINKED)]


def test_what_came_before_is_not_counted(names: OtherNames, tmp_path: Path) -> None:
    """Something has happened to a hidden file, and its new name comes after all others have been looked at."""
    for number in range(3 * AFTER):
        come(names, tmp_path / f"gone{number}")
    os.link(tmp_path / "hidden", tmp_path / "other")
    names.noticed(next(iter(names._watched)))
    assert list(names.found()) == []
    came = come(names, tmp_path / "other")
    assert list(names.found()) == [(came, LINKED)]


def test_names_that_were_there_are_asked_for_by_number(names: OtherNames, tmp_path: Path) -> None:
    for number in range(2 * AFTER):
        come(names, tmp_path / f"gone{number}")
    assert list(names.found()) == []
    os.link(tmp_path / "hidden", tmp_path / "other")
    inode = os.lstat(tmp_path / "hidden").st_ino
    names.met(str(tmp_path / "gone"), inode + 1)
    names.met(str(tmp_path / "other"), inode)
    assert list(names.found()) == [(str(tmp_path / "other"), LINKED)]


def test_a_file_that_has_got_a_name_before_it_was_watched_is_told(names: OtherNames, tmp_path: Path) -> None:
    os.link(tmp_path / "hidden", tmp_path / "other")
    changed = os.lstat(tmp_path / "hidden").st_ctime
    hidden = {str(tmp_path / "hidden")}
    places = SimpleNamespace(hidden=hidden, protected=set(), closed=set(), writable=bool, in_project=bool)
    assert names.begin(places, changed)
    assert not names.begin(places, changed + 1)
