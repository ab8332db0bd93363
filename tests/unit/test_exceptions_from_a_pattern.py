"""`aigate allow read .env.test` where `.env.*` denies it makes the exception and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from config_home import Home, texts

from aigate.cli import main

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "deny_read: [.env.*, ~/keys/]\ndeny_env: ['AWS_*', '!AWS_REGION']\ndeny_exec: [curl]\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    made = Home(tmp_path)
    made.write(CONFIG)
    monkeypatch.setenv("HOME", made.home)
    monkeypatch.chdir(made.project)
    return made


@pytest.mark.parametrize(
    ("what", "word", "by"),
    [("read", ".env.test", ".env.*"), ("read", "sub/.env.test", ".env.*"), ("env", "AWS_PROFILE", "AWS_*")],
)
def test_an_exception_is_made_and_told(
    home: Home, what: str, word: str, by: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["allow", what, word]) == 0
    said = f"deny_{what}: added the exception !{word}; {by} stays, and denies the rest\n"
    assert capfd.readouterr().out == said
    assert (texts(getattr(home.load(), f"deny_{what}")) or [])[-1] == f"!{word}"
    assert main(["allow", what, word]) == 0
    assert capfd.readouterr().out == f"deny_{what}: the exception !{word} is there already\n"


@pytest.mark.parametrize(("what", "word"), [("read", "notes.txt"), ("exec", "wget"), ("env", "AWS_REGION2*")])
def test_what_nothing_denies_is_an_error(home: Home, what: str, word: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["allow", what, word]) == 1
    assert f"{word} is not in deny_{what}" in capfd.readouterr().err
    assert home.load().deny_read[-1].text == "~/keys/"
