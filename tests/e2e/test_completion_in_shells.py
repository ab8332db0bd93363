"""bash, zsh and fish complete aigate's command lines by the scripts that `aigate completion` prints."""

from __future__ import annotations

import pathlib
import shlex
import subprocess

import pytest
from pane import Pane
from sandbox import LAUNCHER

CONFIG = "deny_exec: [curl, 'git push']\n"
BASH = """
source ./script
complete_line() {{
    COMP_LINE=$1 COMP_POINT=${{#1}} COMP_WORDS=({words}) COMP_CWORD={last}
    _aigate
    printf '%s\\n' "${{COMPREPLY[@]}}"
}}
complete_line {line}
"""


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / ".aigate").mkdir(mode=0o700)
    (tmp_path / ".aigate/config.yaml").write_text(CONFIG)
    (tmp_path / ".aigate/config.yaml").chmod(0o600)
    (tmp_path / "notes.txt").write_text("x\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/aigate").symlink_to(LAUNCHER)
    return tmp_path


def environment(home: pathlib.Path) -> dict[str, str]:
    return {"HOME": str(home), "PATH": f"{home}/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm"}


def script(home: pathlib.Path, shell: str) -> pathlib.Path:
    done = subprocess.run(
        ["aigate", "completion", shell], env=environment(home), cwd=home, capture_output=True, text=True, check=True
    )
    path = home / "script"
    path.write_text(done.stdout)
    return path


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["quar"], ["quarantine"]),
        (["run", "--profile", "=", "node,cod"], ["node,codex"]),
        (["allow", "exec", "gi"], ["git\\ push"]),
        (["allow", "exec", "'gi"], ["git push"]),
        (["run", "--values", "not"], ["notes.txt"]),
        (["run", "--values", "=", "not"], ["notes.txt"]),
        (["run", "--quiet", "sle"], ["sleep"]),
    ],
)
def test_bash(home: pathlib.Path, words: list[str], expected: list[str]) -> None:
    script(home, "bash")
    line = "aigate " + " ".join(words).replace(" = ", "=")
    quoted = shlex.join(["aigate", *words])
    text = BASH.format(words=quoted, last=len(words), line=shlex.quote(line))
    done = subprocess.run(["bash", "-c", text], env=environment(home), cwd=home, capture_output=True, text=True)
    assert (done.stdout.splitlines(), done.stderr) == (expected, "")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("aigate quar", "quarantine"),
        ("aigate run --profile=node,cod", "--profile=node,codex"),
        ("aigate allow exec gi", "git push"),
        ("aigate run --values not", "notes.txt"),
        ("aigate run --quiet -- sle", "sleep"),
    ],
)
def test_fish(home: pathlib.Path, line: str, expected: str) -> None:
    path = script(home, "fish")
    text = f"source {path}; complete -C {shlex.quote(line)}"
    done = subprocess.run(
        ["fish", "--no-config", "-c", text], env=environment(home), cwd=home, capture_output=True, text=True
    )
    assert expected in [row.split("\t")[0] for row in done.stdout.splitlines()], done.stderr


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("aigate quar", "aigate quarantine"),
        ("aigate allow exec gi", "aigate allow exec git\\ push"),
        ("aigate run --values not", "aigate run --values notes.txt"),
        ("aigate run --quiet -- zcomp", "aigate run --quiet -- zcompile"),
    ],
)
def test_zsh(home: pathlib.Path, typed: str, expected: str) -> None:
    path = script(home, "zsh")
    (home / ".zshrc").write_text(f"PS1='ready> '\nautoload -Uz compinit && compinit -u -D\nsource {path}\n")
    with Pane("zsh -d -i", cwd=str(home), env=environment(home)) as pane:
        pane.until("ready>")
        pane.type(typed)
        pane.until(typed)
        pane.keys("Tab")
        pane.until(f"> {expected}")
