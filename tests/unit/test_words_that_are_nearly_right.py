"""A wrong word is answered with the nearest right one, and help and the version come in every usual form."""

from __future__ import annotations

import pathlib

import pytest

from aigate import __version__
from aigate.cli import main


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("statsu",), "did you mean aigate status?"),
        (("allow", "raed", "x"), "did you mean aigate allow read?"),
        (("layer", "dif"), "did you mean aigate layer diff?"),
        (("quarantine", "lst"), "did you mean aigate quarantine list?"),
        (("hook", "uninstall", "claude"), "did you mean aigate hook remove?"),
        (("zzzzzz",), "see aigate --help"),
    ],
)
def test_the_nearest_command_is_named(words: tuple[str, ...], hint: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(list(words)) == 1
    error = capfd.readouterr().err
    assert error.startswith("aigate: no such command: aigate ")
    assert error.endswith(f"\n  hint: {hint}\n")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("profiles", "show", "cluade"), "claude?"),
        (("init", "--for", "cluade"), "claude?"),
        (("hook", "install", "cluade"), "claude?"),
        (("scrub", "cluade"), "claude?"),
        (("run", "--require", "limts", "--", "true"), "limits?"),
        (("run", "--profile", "cluade", "--", "true"), "claude?"),
        (("run", "--", "slep"), "sleep?"),
        (("run", "--", "gti", "status"), "git?"),
        (("run", "--quite", "--", "true"), "--quiet?"),
        (("mask", "--preset", "githb"), "github?"),
        (("sleep", "1"), "aigate run -- sleep 1?"),
    ],
)
def test_the_nearest_word_of_every_kind_is_named(
    words: tuple[str, ...],
    hint: str,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    capfd.readouterr()
    assert main(list(words)) in (1, 127)
    assert capfd.readouterr().err.endswith(f"\n  hint: did you mean {hint}\n")


def test_of_thousands_of_programs_none_is_guessed_by_chance(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("ctrlaltdel", "tool-for-ladders"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    assert main(["run", "--", "clade"]) == 127
    assert capfd.readouterr().err.endswith("\n  hint: is it installed, and on PATH?\n")


def test_an_option_that_is_nearly_right(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--jsn"]) == 1
    assert "Did you mean '--json'?" in capfd.readouterr().err


@pytest.mark.parametrize("word", ["-V", "--version"])
def test_the_version(word: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([word]) == 0
    assert __version__ in capfd.readouterr().out


@pytest.mark.parametrize("name", ["run", "mask", "status", "deny"])
def test_help_comes_by_the_word_help(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["help", name]) == 0
    asked = capfd.readouterr().out
    assert main([name, "--help"]) == 0
    assert capfd.readouterr().out == asked
    assert asked.startswith(f"Usage: aigate {name}")
    assert main(["help"]) == 0
