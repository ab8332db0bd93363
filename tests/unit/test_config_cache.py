"""The cache makes starts fast and is never believed when it is not exactly right."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from config_home import Home, texts

import aigate
from aigate.config import cache, schema
from aigate.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = ("yaml", "ruamel", "re", "typing", "dataclasses", "json", "hashlib", "enum", "click", "contextlib", "difflib")
PROBE = f"""
import sys
from aigate.config.load import load_config
config = load_config(None, sys.argv[1], home=sys.argv[2])
print(len(config.deny_read), *(name for name in {HEAVY} if name in sys.modules))
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were parsed, not taken from the cache."""
    seen: list[str] = []
    check = schema.check

    def watched(data: bytes, path: str, *, project: bool) -> dict[str, object]:
        seen.append(path)
        return check(data, path, project=project)

    monkeypatch.setattr(schema, "check", watched)
    return seen


def entries(home: Home) -> list[str]:
    folder = os.path.join(home.state, "cache")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]


def imported(home: Home) -> list[str]:
    """Load in a fresh interpreter; -S keeps site's own imports out of the count, and yaml where it can be found."""
    path = os.pathsep.join(os.path.dirname(os.path.dirname(module.__file__)) for module in (aigate, yaml))
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", PROBE, home.project, home.home],
        capture_output=True, text=True, check=True, env={"PYTHONPATH": path},
    )  # fmt: skip
    return done.stdout.split()


def test_a_second_start_imports_nothing_heavy(home: Home) -> None:
    home.write("deny_read: [a, b]\n")
    home.write_project("deny_read: [c]\nallow_net: [x]\n")
    first = imported(home)
    assert first[0] == "3"
    assert {"yaml", "re"} <= set(first[1:])
    assert imported(home) == ["3"]


def test_what_is_cached_is_what_was_parsed(home: Home, parses: list[str]) -> None:
    home.write(
        "deny_read: [a]\nmask_stdout: {patterns: [{regex: x}], presets: [all]}\nresource_limits: {max_pids: 3}\n"
    )
    home.write_project("allow_net: [b]\nrequire: [net]\nnetwork: slirp\n")
    first = home.load()
    assert len(parses) == 3
    assert home.load() == first
    assert len(parses) == 3


def test_another_byte_is_another_entry(home: Home, parses: list[str]) -> None:
    home.write("deny_read: [a]\ndeny_write: []\ndeny_env: []\n")
    home.load()
    home.write("deny_read: [b]\ndeny_write: []\ndeny_env: []\n")
    assert texts(home.load().deny_read) == ["b"]
    assert len(parses) == 2


def test_a_project_file_and_a_global_one_do_not_share_an_entry(home: Home) -> None:
    home.write("group: a\n")
    home.load()
    home.write_project("group: a\n")
    with pytest.raises(ConfigError, match="cannot be set by a project"):
        home.load()


def test_errors_are_not_kept(home: Home, parses: list[str]) -> None:
    home.write("deny_reed: []\n")
    for _ in range(2):
        with pytest.raises(ConfigError):
            home.load()
    assert len(parses) == 2
    assert not os.path.exists(os.path.join(home.state, "cache"))


def test_modes(home: Home) -> None:
    home.write("{}")
    home.load()
    assert os.stat(os.path.join(home.state, "cache")).st_mode & 0o777 == 0o700
    assert {os.stat(path).st_mode & 0o777 for path in entries(home)} == {0o600}


def test_a_folder_that_is_too_open_is_closed(home: Home) -> None:
    os.mkdir(os.path.join(home.state, "cache"))
    os.chmod(os.path.join(home.state, "cache"), 0o777)  # noqa: S103
    home.write("{}")
    home.load()
    assert os.stat(os.path.join(home.state, "cache")).st_mode & 0o777 == 0o700


def damage(path: str, how: str) -> None:
    with open(path, "rb") as file:
        data = file.read()
    changed = {
        "empty": b"",
        "cut": data[:-3],
        "flipped": data[:-1] + bytes([data[-1] ^ 1]),
        "no digest": data[cache.DIGEST :],
        "text": b"not a cache entry",
        "marshal bomb": data[: cache.DIGEST] + b"[\xff\xff\xff\x7f",
    }[how]
    with open(path, "wb") as file:
        file.write(changed)


@pytest.mark.parametrize("how", ["empty", "cut", "flipped", "no digest", "text", "marshal bomb"])
def test_a_damaged_entry_is_ignored_and_rewritten(home: Home, parses: list[str], how: str) -> None:
    home.write("deny_read: [a]\ndeny_write: []\ndeny_env: []\n")
    first = home.load()
    damage(entries(home)[0], how)
    assert home.load() == first
    assert len(parses) == 2
    assert home.load() == first
    assert len(parses) == 2


def test_an_entry_under_another_name_is_ignored(home: Home, parses: list[str]) -> None:
    home.write("deny_read: [a]\ndeny_write: []\ndeny_env: []\n")
    home.load()
    wrong = entries(home)[0]
    home.write("deny_read: [secret]\ndeny_write: []\ndeny_env: []\n")
    home.load()
    right = next(path for path in entries(home) if path != wrong)
    shutil.copyfile(wrong, right)
    assert texts(home.load().deny_read) == ["secret"]
    assert len(parses) == 3


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_an_entry_that_others_can_write_is_ignored(home: Home, parses: list[str], mode: int) -> None:
    home.write("deny_write: []\ndeny_env: []\n")
    home.load()
    os.chmod(entries(home)[0], mode)
    home.load()
    assert len(parses) == 2
    assert os.stat(entries(home)[0]).st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_an_entry_that_is_no_file_is_ignored(home: Home, parses: list[str], kind: str) -> None:
    home.write("deny_write: []\ndeny_env: []\n")
    first = home.load()
    (path,) = entries(home)
    os.rename(path, path + ".real")
    if kind == "link":
        os.symlink(path + ".real", path)
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        os.mkdir(path)
    assert home.load() == first
    assert len(parses) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_an_entry_of_somebody_else_is_ignored(home: Home, parses: list[str]) -> None:
    home.write("deny_write: []\ndeny_env: []\n")
    home.load()
    os.chown(entries(home)[0], 12345, 12345)
    home.load()
    assert len(parses) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_nothing_is_written_into_somebody_elses_home(home: Home) -> None:
    home.write("{}")
    os.chown(home.state, 12345, 12345)
    home.load()
    assert not os.path.exists(os.path.join(home.state, "cache"))


@pytest.mark.parametrize("kind", ["file", "link"])
def test_no_folder_for_the_cache(home: Home, kind: str, tmp_path: Path) -> None:
    home.write("deny_read: [a]\n")
    if kind == "file":
        (tmp_path / "home/.aigate/cache").write_text("")
    else:
        (tmp_path / "elsewhere").mkdir()
        os.symlink(tmp_path / "elsewhere", os.path.join(home.state, "cache"))
    assert texts(home.load().deny_read) == ["a"]
    assert texts(home.load().deny_read) == ["a"]
    if kind == "link":
        assert os.listdir(tmp_path / "elsewhere") == []


def test_the_cache_does_not_grow(home: Home) -> None:
    for number in range(cache.MAX_ENTRIES + 40):
        home.write(f"deny_read: [a{number}]\ndeny_write: []\ndeny_env: []\n")
        assert texts(home.load().deny_read) == [f"a{number}"]
    assert len(entries(home)) <= cache.MAX_ENTRIES


def test_key_tells_versions_and_kinds_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    key = cache.key_of(b"x", "1 global")
    assert cache.key_of(b"x", "1 project") != key
    assert cache.key_of(b"y", "1 global") != key
    monkeypatch.setattr(cache, "__version__", "999")
    assert cache.key_of(b"x", "1 global") != key
