"""Who is killed while git's settings are brought out leaves no lock in the repository, and no file for long."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
from collections.abc import Iterator

import pytest

from aigate.watch import settings

BEFORE = '[core]\n\tbare = false\n[remote "mine"]\n\turl = https://host.invalid/mine\n'
INSIDE = BEFORE + '[remote "new"]\n\turl = https://host.invalid/new\n'


@pytest.fixture
def places(tmp_path: pathlib.Path) -> Iterator[tuple[str, pathlib.Path]]:
    (tmp_path / "state").mkdir()
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    config = tmp_path / ".git/config"
    config.write_text(BEFORE)
    yield str(tmp_path / "state"), config
    assert {path.name for path in (tmp_path / ".git").glob("config*")} == {"config"}
    assert list((tmp_path / "state").iterdir()) == []


def bring_out(state: str, config: pathlib.Path) -> None:
    one = settings.Settings(state, "/usr/bin/git")
    one.exchange(str(config), BEFORE)
    one.exchange(str(config), INSIDE)


@pytest.mark.parametrize("call", ["pwrite", "ftruncate", "link"])
def test_killed(places: tuple[str, pathlib.Path], call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the call, so before it has done anything."""
    state, config = places
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(os, call, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
        bring_out(state, config)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert os.listdir(state)
    bring_out(state, config)
    assert config.read_text() == INSIDE


def test_a_lock_of_gits_own_is_left_alone(places: tuple[str, pathlib.Path]) -> None:
    state, config = places
    config.with_name("config.lock").touch()
    pathlib.Path(state, "settings-0.held").write_bytes(b"1\0" + os.fsencode(config.with_name("config.lock")))
    with pytest.raises(FileExistsError):
        bring_out(state, config)
    config.with_name("config.lock").unlink()
