"""What completes on a command line: commands, options, presets, profiles, and what can be taken back."""

from __future__ import annotations

import json
import pathlib

import pytest

from aigate.cli import main

CONFIG = "deny_read: ['*.pem', '!x.pem', secrets/]\ndeny_exec: [curl, 'git push']\nallow_net: [a.example]\n"


@pytest.fixture
def home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".aigate").mkdir(mode=0o700)
    (tmp_path / ".aigate/config.yaml").write_text(CONFIG)
    (tmp_path / ".aigate/config.yaml").chmod(0o600)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def offered(capfd: pytest.CaptureFixture[str], line: str) -> list[str]:
    """Return what is offered for the last word of a line, without help; `<file>` where the shell looks for some."""
    capfd.readouterr()
    assert main(["completion", "words", "--", *line.split(" ")]) == 0
    out, error = capfd.readouterr()
    assert error == ""
    rows = [row.split("\t") for row in out.splitlines()]
    return [text if kind == "word" else f"<{kind}{text}>" for kind, text, _ in rows]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("quar", ["quarantine"]),
        ("quarantine ", ["drop", "list", "restore"]),
        ("help expl", ["explain"]),
        ("run --req", ["--require"]),
        ("log -", ["--run", "--since", "--kind", "--last", "--follow", "--json", "--help"]),
        ("run --require la", ["landlock", "late"]),
        ("run --require=net,lim", ["--require=net,limits"]),
        ("run --profile node,cod", ["node,codex"]),
        ("run --profile node,node", []),
        ("run --values ", ["<file>"]),
        ("run ", ["<command1>"]),
        ("run --quiet -- git pu", ["<command3>"]),
        ("explain -- git pu", ["<command2>"]),
        ("explain ", ["<file>"]),
        ("mask --preset gith", ["github"]),
        ("mask --preset !gith", ["!github"]),
        ("allow read ", ["*.pem", "secrets/"]),
        ("allow exec g", ["git push"]),
        ("allow read *.pem ", ["secrets/"]),
        ("allow net ", []),
        ("deny net ", ["a.example"]),
        ("deny net --except a", ["a.example"]),
        ("deny read ", ["<file>"]),
        ("trust ", ["<directory>"]),
        ("profiles show cla", ["claude"]),
        ("init --for aid", ["aider"]),
        ("hook install cl", ["claude"]),
        ("log --kind net", ["network"]),
        ("log --run ", []),
        ("quarantine restore ", []),
        ("layer diff ", []),
        ("completion ", ["bash", "zsh", "fish"]),
        ("nonsense ", []),
        ("quarantine nonsense ", []),
    ],
)
def test_a_line(capfd: pytest.CaptureFixture[str], line: str, expected: list[str]) -> None:
    assert sorted(offered(capfd, line)) == sorted(expected)


def test_what_was_refused_can_be_allowed(home: pathlib.Path, capfd: pytest.CaptureFixture[str]) -> None:
    events = [
        {"run": "00aa", "event": "started", "time": "2030-01-01T00:00:00Z", "argv": ["x"]},
        {"run": "00aa", "event": "net_refused", "host": "b.example"},
        {"run": "00aa", "event": "net_refused", "host": "b.example"},
    ]
    (home / ".aigate/audit.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in events))
    assert offered(capfd, "allow net ") == ["b.example"]
    assert offered(capfd, "log --run 00") == ["00aa"]


def test_a_projects_entries(home: pathlib.Path, capfd: pytest.CaptureFixture[str]) -> None:
    (home / "work/.aigate.yaml").write_text("deny_read: [mine]\n")
    assert offered(capfd, "allow read --project ") == ["mine"]


@pytest.mark.parametrize("config", [None, "deny_read: oh no\n", 'deny_read: ["a\\tb"]\n'])
def test_what_is_broken_is_no_word(home: pathlib.Path, capfd: pytest.CaptureFixture[str], config: str | None) -> None:
    path = home / ".aigate/config.yaml"
    path.unlink() if config is None else path.write_text(config)
    assert offered(capfd, "allow read ") == []
