"""Files are replaced whole, under a lock, keeping what they were."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest
from config_home import read, write

from aigate.config import rewrite
from aigate.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def more(old: bytes | None) -> bytes:
    return (old or b"") + b"x"


def refuse(_: bytes | None) -> bytes:
    raise ConfigError("no")


def test_new_file(tmp_path: Path) -> None:
    path = str(tmp_path / "state" / "file")
    assert rewrite.rewrite(path, more, create=True)
    assert read(path) == "x"
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(tmp_path / "state").st_mode & 0o777 == 0o700
    assert os.listdir(tmp_path / "state") == ["file"]


def test_missing_file_that_is_not_to_be_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not there"):
        rewrite.rewrite(str(tmp_path / "file"), more, create=False)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("create", [False, True])
def test_refusal_changes_nothing(tmp_path: Path, create: bool) -> None:
    path = str(tmp_path / "file")
    if not create:
        write(path, "old")
    with pytest.raises(ConfigError, match="no"):
        rewrite.rewrite(path, refuse, create=create)
    assert os.listdir(tmp_path) == ([] if create else ["file"])


def test_mode_stays(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    write(path, "old")
    os.chmod(path, 0o640)
    rewrite.rewrite(path, more, create=False)
    assert os.stat(path).st_mode & 0o777 == 0o640
    assert read(path) == "oldx"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_owner_stays(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    write(path, "old")
    os.chown(path, 12345, 54321)
    rewrite.rewrite(path, more, create=False)
    assert (os.stat(path).st_uid, os.stat(path).st_gid) == (12345, 54321)


def test_a_link_stays_and_its_target_changes(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    target = str(tmp_path / "dotfiles" / "real")
    write(target, "old")
    os.symlink("dotfiles/real", tmp_path / "file")
    rewrite.rewrite(str(tmp_path / "file"), more, create=False)
    assert os.readlink(tmp_path / "file") == "dotfiles/real"
    assert read(target) == "oldx"


def test_no_change_writes_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    write(path, "old")
    before = os.stat(path)
    assert not rewrite.rewrite(path, lambda old: old or b"", create=False)
    assert os.stat(path).st_ino == before.st_ino


def test_a_change_is_a_new_file(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    write(path, "old")
    with open(path, encoding="utf-8") as reader:
        rewrite.rewrite(path, more, create=False)
        assert reader.read() == "old"


def test_leftover_of_a_killed_writer_is_no_obstacle(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    write(path, "old")
    write(str(tmp_path / ".file.new"), "half writ")
    rewrite.rewrite(path, more, create=False)
    assert read(path) == "oldx"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("kind", ["directory", "fifo"])
def test_not_a_file(tmp_path: Path, kind: str) -> None:
    path = str(tmp_path / "file")
    (os.mkdir if kind == "directory" else os.mkfifo)(path)
    with pytest.raises(ConfigError, match=r"directory|not a regular file"):
        rewrite.rewrite(path, more, create=False)


def test_threads_lose_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    threads = [threading.Thread(target=rewrite.rewrite, args=(path, more), kwargs={"create": True}) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read(path) == "x" * 40
    assert os.listdir(tmp_path) == ["file"]


def test_create_refuses_to_replace(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    rewrite.create(path, b"one", force=False)
    with pytest.raises(ConfigError, match="is there already") as caught:
        rewrite.create(path, b"two", force=False)
    assert "--force" in (caught.value.hint or "")
    assert read(path) == "one"
    rewrite.create(path, b"two", force=True)
    assert read(path) == "two"


def test_an_empty_file_is_there_too(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    write(path, "")
    with pytest.raises(ConfigError, match="is there already"):
        rewrite.create(path, b"one", force=False)
