"""A wrong word is answered with the nearest right one, and help and the version come in every usual form."""

from __future__ import annotations

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
        (("zzzzzz",), "see aigate --help"),
    ],
)
def test_the_nearest_command_is_named(words: tuple[str, ...], hint: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(list(words)) == 1
    error = capfd.readouterr().err
    assert error.startswith("aigate: no such command: aigate ")
    assert error.endswith(f"\n  hint: {hint}\n")


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
