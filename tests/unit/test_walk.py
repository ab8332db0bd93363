"""The search of a project: depth, width, links, what it says besides what is hidden."""

from __future__ import annotations

import os
import pathlib
import random
import resource
import shutil
import socket
import subprocess
from collections.abc import Iterator

import pytest
from walk_reference import Reference

from aigate.config.model import Entry
from aigate.errors import PolicyError
from aigate.policy import walk
from aigate.policy.patterns import parse_patterns
from aigate.policy.walk import Found, find_paths

LONG = "d" * 200


@pytest.fixture
def project(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Give a directory that may become deeper than Python can remove."""
    place = tmp_path / "p"
    place.mkdir()
    yield place
    subprocess.run(["rm", "-rf", str(place)], check=True)


def found(project: pathlib.Path, *patterns: str, protect: tuple[str, ...] = ()) -> Found:
    entries, others = ([Entry(text, "f", 1) for text in texts] for texts in (patterns, protect))
    home = str(project.parent)
    return find_paths(parse_patterns(entries, home), parse_patterns(others, home), str(project))


def hidden(project: pathlib.Path, *patterns: str) -> list[str]:
    return [os.path.relpath(item.path, project) for item in found(project, *patterns).hidden]


def nest(at: pathlib.Path, depth: int, name: str = "d", beside: str = "") -> int:
    """Make directories in one another, below a descriptor, and return the lowest one's."""
    descriptor = os.open(at, os.O_RDONLY)
    for _ in range(depth):
        if beside:
            os.mkdir(beside, dir_fd=descriptor)
        os.mkdir(name, dir_fd=descriptor)
        below = os.open(name, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    return descriptor


def touch(name: str, directory: int) -> None:
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=directory))


@pytest.mark.parametrize("depth", [1400, 3000])
def test_directories_nested_thousands_deep(project: pathlib.Path, depth: int) -> None:
    bottom = nest(project, depth)
    (project / "key.pem").touch()
    os.link(project / "key.pem", "other", dst_dir_fd=bottom)
    os.close(bottom)
    first, *others = sorted(hidden(project, "*.pem"), key=len, reverse=True)
    assert others == ["key.pem"]
    assert set(first.split("/")) <= {"d", "other"}
    assert len(os.fsencode(project / first)) < 4000


def test_what_cannot_be_mounted_on_is_hidden_by_a_directory_above_it(project: pathlib.Path) -> None:
    bottom = nest(project, 40, LONG)
    touch(".env", bottom)
    os.close(bottom)
    [path] = hidden(project, ".env")
    assert set(path.split("/")) == {LONG}
    assert 3000 < len(os.fsencode(project / path)) < 3300


def test_depth_alone_hides_nothing(project: pathlib.Path) -> None:
    os.close(nest(project, 40, LONG))
    assert hidden(project, ".env") == []


def test_more_levels_than_descriptors(project: pathlib.Path) -> None:
    """Each level has a directory beside the one that leads down, so all of them wait."""
    os.close(nest(project, 400, "d", beside="e"))
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    open_now = len(os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + 12, before[1]))
    try:
        directories = list(found(project, ".env").watched)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert len(directories) == 801


def test_no_descriptors_at_all_is_said(project: pathlib.Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        with pytest.raises(PolicyError, match="cannot be searched: Too many open files"):
            found(project, ".env")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_two_walkers_find_what_one_does(project: pathlib.Path) -> None:
    """So many entries that a second walker is made."""
    chance = random.Random(1)  # noqa: S311
    places = [project]
    for number in range(700):
        place = chance.choice(places[-50:]) / f"d{number}"
        place.mkdir()
        places.append(place)
        for name in chance.sample([".env", "a.pem", "b", "c.txt", "e", "f", "g", "h.pem", ".git", "secrets"], 9):
            (place / name).touch()
    (project / "again").hardlink_to(places[9] / "c.txt")
    (project / "secrets.pem").hardlink_to(places[9] / "c.txt")
    patterns = parse_patterns([Entry(t, "f", 1) for t in (".env", "*.pem", "!d1/**/h.pem", "d*3/e")], "/")
    expected = Reference(patterns, patterns[:1], str(project)).run()
    for _ in range(5):
        seen = find_paths(patterns, patterns[:1], str(project))
        assert [item.path for item in seen.hidden] == list(expected.hidden)
        assert {item.path for item in seen.protected} == expected.protected
        assert {(item.path, item.kind) for item in seen.repositories} == expected.repositories
        assert sorted(seen.watched) == sorted(map(str, places))


def test_a_link_into_the_system_is_followed(project: pathlib.Path) -> None:
    library = pathlib.Path(os.path.realpath(os.__file__)).parent
    (project / "lib").symlink_to(library)
    assert [item.path for item in found(project, "shutil.py").hidden] == [f"{library}/shutil.py"]
    assert [(item.path, item.target) for item in found(project).links] == [(f"{project}/lib", str(library))]


def test_a_link_to_the_whole_system_is_searched_for_what_has_a_place_only(project: pathlib.Path) -> None:
    (project / "system").symlink_to("/usr")
    assert found(project, "env").hidden == ()
    assert [item.path for item in found(project, "system/bin/env").hidden] == [os.path.realpath("/usr/bin/env")]
    assert len(list(found(project, "env").watched)) == 1


def test_both_of_two_links_to_one_place_count(project: pathlib.Path) -> None:
    elsewhere = project.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "key").touch()
    for name in ("one", "other"):
        (project / name).symlink_to(elsewhere)
    for name in ("one", "other"):
        assert [item.path for item in found(project, f"{name}/key").hidden] == [f"{elsewhere}/key"]
    shutil.rmtree(elsewhere)


def test_links_are_told_apart_by_what_they_lead_to(project: pathlib.Path) -> None:
    """To a directory, over another link, by the longest name that there is; to a file, to nothing, and to itself."""
    elsewhere = project.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "key").touch()
    longest = "x" * 255
    (project / longest).symlink_to(elsewhere)
    (project / "other").symlink_to(longest)
    (project / "file").symlink_to(elsewhere / "key")
    (project / "nothing").symlink_to(elsewhere / "missing")
    (project / "itself").symlink_to("itself")
    assert [item.path for item in found(project, "key").hidden] == [f"{elsewhere}/key"]
    assert {item.path for item in found(project).links} == {f"{project}/{longest}", f"{project}/other"}
    assert [item.path for item in found(project, "nothing", "itself/", "file").hidden] == [f"{elsewhere}/key"]
    shutil.rmtree(elsewhere)


def test_what_else_is_noted(project: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "a/bare/refs").mkdir(parents=True)
    (project / "a/bare/objects").mkdir()
    (project / "a/bare/HEAD").touch()
    (project / "b/.git").mkdir(parents=True)
    (project / "c").mkdir()
    (project / "c/.git").touch()
    with socket.socket(socket.AF_UNIX) as bound:
        monkeypatch.chdir(project)  # a path could be too long
        bound.bind("c/so\nck")
    seen = found(project, protect=("**/.git/config",))
    kinds = {(os.path.relpath(item.path, project), item.kind) for item in seen.repositories}
    assert kinds == {("a/bare", "bare"), ("b/.git", "directory"), ("c/.git", "file")}
    assert seen.sockets == (f"{project}/c/so\nck",)
    assert [item.path for item in seen.protected] == [f"{project}/c/.git"]


def test_a_folder_is_left_out_by_taking_everything_in_it_back(project: pathlib.Path) -> None:
    for place in ("a/big/b", "a/c"):
        (project / place).mkdir(parents=True)
        (project / place / ".env").touch()
    outside = str(project.parent)
    patterns = parse_patterns([Entry("~/**/.env", "f", 1), Entry("!~/p/a/big/**", "f", 1)], outside)
    other = project.parent / "other"
    other.mkdir()
    seen = find_paths(patterns, (), str(other))
    assert [item.path for item in seen.hidden] == [f"{project}/a/c/.env"]
    assert f"{project}/a/c" in list(seen.watched)
    assert f"{project}/a/big" not in list(seen.watched)


def test_more_kinds_of_names_than_are_kept(project: pathlib.Path) -> None:
    """Fourteen globs tell apart 16,384 kinds; they are forgotten between two directories."""
    letters = "abcdefghijklmn"
    globs = tuple(f"nowhere/*{letter}*" for letter in letters)
    for place in ("x", "x/x"):
        (project / place).mkdir()
        for number in range(9000):
            name = "".join(letter for bit, letter in enumerate(letters) if number >> bit & 1)
            os.close(os.open(f"{project}/{place}/{name}+", os.O_CREAT))
        (project / place / ".env").touch()
    assert hidden(project, *globs, ".env", "x/x/abc+") == ["x/.env", "x/x/.env", "x/x/abc+"]


def test_a_long_search_tells_where_it_is(project: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(500):
        (project / f"d{number}").mkdir()
    monkeypatch.setattr(walk, "PATIENCE", 1e-6)
    told: list[tuple[str, int]] = []
    find_paths((), (), str(project), lambda place, entries: told.append((place, entries)))
    assert len(told) > 1
    assert all(place.startswith(str(project)) for place, _ in told)
    assert [entries for _, entries in told] == sorted(entries for _, entries in told)
