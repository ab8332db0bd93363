"""Every profile says what it must, in words that mean something; and files of the user's are held to the same."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from aigate.cli import main
from aigate.config.model import Config
from aigate.errors import ConfigError
from aigate.policy.home import Offer, view_of
from aigate.policy.hosts import parse_hosts
from aigate.policy.resolve import Caller
from aigate.profiles.load import names, profile_named, profile_of

if TYPE_CHECKING:
    from pathlib import Path

AGENTS = ["aider", "amp", "claude", "cline", "codex", "copilot", "crush", "cursor-agent", "gemini", "goose"]
AGENTS += ["mini-swe-agent", "opencode", "pi", "qwen"]
TOOLCHAINS = ["go", "java", "node", "python", "rust"]


@pytest.mark.parametrize("name", [*AGENTS, *TOOLCHAINS])
def test_what_is_built_in_means_something(tmp_path: Path, name: str) -> None:
    profile = profile_named(name, str(tmp_path))
    assert profile is not None
    assert profile.source
    assert profile.toolchain == (name in TOOLCHAINS)
    parse_hosts(profile.hosts)
    who = Caller(1, 1, "/home/me", "/home/me/p", {})
    view = view_of(Config(share=profile.share), who, "/home/me/p", Offer())
    assert len(view.shared) + len(view.files) == len(profile.share)
    assert profile.hosts or profile.hints or profile.registries


@pytest.mark.parametrize("name", AGENTS)
def test_no_directory_is_common_to_two_projects(tmp_path: Path, name: str) -> None:
    """What one project's agent plants there would be found by the agent of another."""
    profile = profile_named(name, str(tmp_path))
    assert profile is not None
    here, there = (
        view_of(Config(share=profile.share), Caller(1, 1, "/home/me", cwd, {}), cwd, Offer()).shared
        for cwd in ("/home/me/p", "/home/me/other")
    )
    assert not set(here) & set(there)


def test_all_are_listed(tmp_path: Path) -> None:
    assert names(str(tmp_path)) == sorted([*AGENTS, *TOOLCHAINS])


@pytest.mark.parametrize(
    ("command", "name"), [("claude", "claude"), ("/opt/x/codex", "codex"), ("mini", "mini-swe-agent"), ("node", None)]
)
def test_a_command_has_the_profile_of_an_agent(tmp_path: Path, command: str, name: str | None) -> None:
    found = profile_of(command, str(tmp_path))
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("environment: {A-B: x}", "1: 'A-B' in environment is no name of a variable"),
        ("environment: {A: 1}", "1: environment.A must be text"),
        ("registries: [cran]", "1: an entry of registries cannot be 'cran'"),
        ("passing: [~/a/../b]", "1: '~/a/../b' in passing is not a directory in your home"),
        ("passing: [~/]", "1: '~/' in passing is not a directory in your home"),
        ("allow_nett: []", "1: unknown key 'allow_nett'"),
        ("toolchain: maybe", "1: toolchain must be true or false"),
    ],
)
def test_a_file_of_the_users_is_checked(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/mine.yaml").write_text(text)
    with pytest.raises(ConfigError, match="mine") as raised:
        profile_named("mine", str(tmp_path))
    assert message in str(raised.value)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    os.makedirs(tmp_path / ".aigate/profiles")
    (tmp_path / ".aigate/profiles/mine.yaml").write_text("source: me\nallow_net: [a.example]\n")
    return tmp_path


@pytest.mark.usefixtures("home")
def test_a_person_sees_them(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["profiles"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == sorted([*AGENTS, *TOOLCHAINS, "mine"])
    assert next(line for line in lines if line.startswith("mine ")).endswith("  me  (yours)")
    assert main(["profiles", "show", "claude"]) == 0
    shown = capfd.readouterr().out
    for part in ("platform.claude.com", "DISABLE_AUTOUPDATER=1", "~/.claude/projects/{cwd}/", "code.claude.com"):
        assert part in shown
    assert main(["profiles", "--json"]) == 0
    assert {item["name"] for item in json.loads(capfd.readouterr().out)} >= set(AGENTS)
    assert main(["profiles", "show", "clade"]) == 1
    assert "there is no profile 'clade'" in capfd.readouterr().err
