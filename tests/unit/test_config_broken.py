"""Every way of breaking a config file ends in one error that names the file and the line."""

from __future__ import annotations

import os

import pytest
import yaml
from config_cases import BROKEN

from aigate.config import schema, tree
from aigate.config.load import load_config
from aigate.errors import ConfigError, MissingConfigError

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(("data", "line", "part"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_broken_file(data: bytes, line: int, part: str, loader: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "LOADER", loader)
    with pytest.raises(ConfigError) as caught:
        schema.check(data, "/c.yaml", project=False)
    assert part in caught.value.message
    assert (caught.value.path, caught.value.line) == ("/c.yaml", line)
    assert caught.value.message.startswith(f"/c.yaml:{line}: ")
    assert "\n" not in caught.value.message
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"deny_reed: []\n", "did you mean deny_read?"),
        (b"mask_stdout: {preset: []}\n", "did you mean presets?"),
        (b"network: slrip\n", "did you mean slirp?"),
        (b"allow_net:\n", "write [] for an empty list"),
        (b"deny_read:\n  - *.pem\n", "in quotes"),
        (b"deny_read:\n  - !x\n", "in quotes"),
        (b"deny_read:\n  - @x\n", "in quotes"),
        (b"deny_exec: [yes]\n", "in quotes"),
        (b"resource_limits:\n\tmax_pids: 3\n", "not with tabs"),
        (b"", "write {}"),
    ],
)
def test_hint(data: bytes, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        schema.check(data, "/c.yaml", project=False)
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize("key", ["group", "user"])
def test_a_project_cannot_choose_the_account(key: str) -> None:
    with pytest.raises(ConfigError, match="cannot be set by a project"):
        schema.check(f"{key}: a\n".encode(), "/c.yaml", project=True)


def test_missing_global_config(tmp_path: os.PathLike[str]) -> None:
    with pytest.raises(MissingConfigError) as caught:
        load_config(None, "/", home=str(tmp_path))
    assert caught.value.hint == "create one: aigate init"
    assert caught.value.exit_status == 1


def test_no_home_at_all() -> None:
    with pytest.raises(MissingConfigError):
        load_config(None, "/", home=None)


def test_missing_explicit_config_is_another_error(tmp_path: os.PathLike[str]) -> None:
    with pytest.raises(ConfigError, match="No such file") as caught:
        load_config(os.path.join(tmp_path, "no.yaml"), "/", home=str(tmp_path))
    assert not isinstance(caught.value, MissingConfigError)


def _fifo(path: str) -> None:
    os.mkfifo(path)


def _directory(path: str) -> None:
    os.mkdir(path)


def _dangling(path: str) -> None:
    os.symlink("/nonexistent/config", path)


def _loop(path: str) -> None:
    os.symlink(os.path.basename(path), path)


def _device(path: str) -> None:
    os.symlink("/dev/zero", path)


def _terminal(path: str) -> None:
    os.symlink("/dev/ptmx", path)


def _large(path: str) -> None:
    with open(path, "wb") as file:
        file.write(b"deny_read: []\n")
        file.truncate(10 << 20)


def _just_too_large(path: str) -> None:
    with open(path, "wb") as file:
        file.write(b"deny_read: []\n".ljust((1 << 20) + 1, b"\n"))


THINGS = [
    (_fifo, "is not a regular file"),
    (_directory, "is a directory"),
    (_dangling, "No such file"),
    (_loop, "symbolic links"),
    (_device, "is not a regular file"),
    (_terminal, "is not a regular file"),
    (_large, "is larger than 1 MiB"),
    (_just_too_large, "is larger than 1 MiB"),
]


@pytest.mark.parametrize(("make", "part"), THINGS)
@pytest.mark.parametrize("explicit", [False, True])
def test_not_a_proper_file(tmp_path: os.PathLike[str], make: object, part: str, explicit: bool) -> None:
    assert callable(make)
    os.mkdir(os.path.join(tmp_path, ".aigate"))
    path = os.path.join(tmp_path, ".aigate/config.yaml")
    make(path)
    with pytest.raises(ConfigError, match=part) as caught:
        load_config(path if explicit else None, "/", home=str(tmp_path))
    assert caught.value.path == path
    assert not isinstance(caught.value, MissingConfigError)


def test_exactly_one_mebibyte_is_read(tmp_path: os.PathLike[str]) -> None:
    path = os.path.join(tmp_path, "c.yaml")
    with open(path, "wb") as file:
        file.write(b"deny_read: [a]\n".ljust(1 << 20, b"\n"))
    assert load_config(path, "/", home=None).deny_read[0].text == "a"


def test_global_config_that_anyone_can_write(tmp_path: os.PathLike[str]) -> None:
    os.mkdir(os.path.join(tmp_path, ".aigate"))
    path = os.path.join(tmp_path, ".aigate/config.yaml")
    with open(path, "wb") as file:
        file.write(b"deny_read: []\n")
    os.chmod(path, 0o602)  # noqa: S103
    with pytest.raises(ConfigError, match="written by anyone"):
        load_config(None, "/", home=str(tmp_path))


def test_path_with_a_line_end_stays_one_line(tmp_path: os.PathLike[str]) -> None:
    path = os.path.join(tmp_path, "a\n\x1b[2Jb")
    with pytest.raises(ConfigError) as caught:
        load_config(path, "/", home=None)
    assert caught.value.message.isprintable()
