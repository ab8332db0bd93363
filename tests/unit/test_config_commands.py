"""`init`, `deny`, `allow`, `trust` and `status`, as command lines."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from config_home import CommandLines, read, texts, write

from aigate.config.load import default_bytes, default_layer

if TYPE_CHECKING:
    from pathlib import Path

COMMENTED = """# mine
deny_read:   # paths
  # first
  - .env   # keep
  - '*.pem'

# commands
deny_exec: [curl, "kubectl delete"]
allow_net: [api.example.com, b.example.com]
"""


class Shell(CommandLines):
    """Runs command lines in the project's folder and keeps what they printed."""

    def net(self) -> list[str] | None:
        return texts(self.load().allow_net)


@pytest.fixture
def shell(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = Shell(tmp_path, capfd)
    monkeypatch.setenv("HOME", shell.home)
    monkeypatch.chdir(shell.project)
    shell.write(COMMENTED)
    return shell


def test_init(shell: Shell) -> None:
    os.unlink(shell.config)
    os.rmdir(shell.state)
    status, out, error = shell("init")
    assert (status, out.partition("\n")[0], error) == (0, f"wrote {shell.config}", "")
    assert "aigate run -- claude" in out
    assert read(shell.config).encode() == default_bytes()
    assert os.stat(shell.config).st_mode & 0o777 == 0o600
    assert os.stat(shell.state).st_mode & 0o777 == 0o700
    assert shell.load().deny_read != ()


def test_init_replaces_only_with_force(shell: Shell) -> None:
    status, _, error = shell("init")
    assert status == 1
    assert error == f"aigate: {shell.config}: is there already\n  hint: use --force to replace it\n"
    assert read(shell.config) == COMMENTED
    assert shell("init", "--force")[0] == 0
    assert read(shell.config).encode() == default_bytes()


def test_init_says_what_comes_next_for_an_agent(shell: Shell) -> None:
    status, out, _ = shell("init", "--force", "--for", "aider")
    assert status == 0
    assert "aigate run -- aider" in out
    assert "hook install" not in out
    status, _, error = shell("init", "--force", "--for", "nobody")
    assert status == 1
    assert "there is no profile 'nobody'" in error


def test_deny_keeps_the_rest_of_the_file(shell: Shell) -> None:
    assert shell("deny", "read", "x y", "~/p/") == (0, "deny_read: added x y\ndeny_read: added ~/p/\n", "")
    assert read(shell.config) == COMMENTED.replace("  - '*.pem'\n", "  - '*.pem'\n  - 'x y'\n  - ~/p/\n")


def test_deny_exec_in_brackets(shell: Shell) -> None:
    assert shell("deny", "exec", "git push")[0] == 0
    assert read(shell.config) == COMMENTED.replace('"kubectl delete"]', "\"kubectl delete\", 'git push']")


def test_allow_takes_out(shell: Shell) -> None:
    assert shell("allow", "read", "*.pem") == (0, "deny_read: removed *.pem\n", "")
    assert read(shell.config) == COMMENTED.replace("  - '*.pem'\n", "")
    assert shell("allow", "read", ".env")[0] == 0
    assert shell.load().deny_read == ()
    assert "deny_read: []   # paths\n  # first\n" in read(shell.config)


def test_every_default_can_be_taken_out_and_put_back(shell: Shell) -> None:
    for what, key in (("read", "deny_read"), ("write", "deny_write"), ("exec", "deny_exec"), ("env", "deny_env")):
        assert shell("init", "--force")[0] == 0
        entries = texts(getattr(default_layer(None), key)) or []
        assert shell("allow", what, "--", *entries)[0] == 0
        assert getattr(shell.load(), key) == ()
        assert shell("deny", what, "--", *entries)[0] == 0
        assert texts(getattr(shell.load(), key)) == entries


def test_what_is_there_already(shell: Shell) -> None:
    inode = os.stat(shell.config).st_ino
    assert shell("deny", "read", ".env") == (0, "deny_read: .env is there already\n", "")
    assert os.stat(shell.config).st_ino == inode


def test_what_is_not_there(shell: Shell) -> None:
    status, out, error = shell("allow", "read", ".env", ".emv")
    assert (status, out) == (1, "")
    assert error.splitlines()[0] == "aigate: .emv is not in deny_read; the nearest entry is .env"
    assert read(shell.config) == COMMENTED


def test_an_exception_and_its_end(shell: Shell) -> None:
    assert shell("deny", "read", "!ca.pem")[0] == 0
    assert texts(shell.load().deny_read) == [".env", "*.pem", "!ca.pem"]
    status, out, _ = shell("deny", "read", "ca.pem")
    assert (status, out) == (0, "deny_read: removed the exception !ca.pem\ndeny_read: added ca.pem\n")
    assert texts(shell.load().deny_read) == [".env", "*.pem", "ca.pem"]


def test_a_list_that_was_left_out_keeps_its_defaults(shell: Shell) -> None:
    default = texts(default_layer(None).deny_write) or []
    assert shell("deny", "write", "Makefile")[0] == 0
    assert texts(shell.load().deny_write) == [*default, "Makefile"]
    assert shell("allow", "env", "LD_PRELOAD")[0] == 0
    assert "LD_PRELOAD" not in (texts(shell.load().deny_env) or [])
    assert "LD_AUDIT" in (texts(shell.load().deny_env) or [])


NET = [
    (("deny", "net", "--except", "a.org", "--except", "b.org"), ["a.org", "b.org"]),
    (("deny", "net", "--except", "b.example.com", "--except", "c.org"), ["b.example.com", "c.org"]),
    (("allow", "net", "c.org:443"), ["api.example.com", "b.example.com", "c.org:443"]),
    (("deny", "net", "api.example.com"), ["b.example.com"]),
    (("deny", "net", "API.example.com."), ["b.example.com"]),
    (("deny", "net", "api.example.com", "b.example.com"), []),
    (("deny", "net"), []),
]


@pytest.mark.parametrize(("words", "expected"), NET)
def test_net(shell: Shell, words: tuple[str, ...], expected: list[str]) -> None:
    assert shell(*words)[0] == 0
    assert shell.net() == expected
    inode = os.stat(shell.config).st_ino
    shell(*words)
    assert os.stat(shell.config).st_ino == inode, "repeating it changes nothing"


def test_net_when_unrestricted(shell: Shell) -> None:
    shell.write("deny_read: []\n")
    assert shell("allow", "net", "a.org")[:2] == (
        0,
        "allow_net is left out: the network is not restricted, so everything is reachable\n",
    )
    assert shell.net() is None
    status, _, error = shell("deny", "net", "a.org")
    assert status == 1
    assert "aigate deny net --except HOST" in error
    assert shell("deny", "net", "--except", "a.org")[0] == 0
    assert shell.net() == ["a.org"]


def test_net_that_is_not_there(shell: Shell) -> None:
    status, _, error = shell("deny", "net", "ap.example.com")
    assert status == 1
    assert "the nearest entry is api.example.com" in error


def test_net_both_ways(shell: Shell) -> None:
    assert shell("deny", "net", "a.org", "--except", "b.org")[0] == 1
    assert read(shell.config) == COMMENTED


WRONG = [
    ("deny", "net", "--except", "not a host"),
    ("allow", "net", "http://example.com/"),
    ("deny", "exec", "--", "-x"),
    ("deny", "read", "../x"),
    ("deny", "read", ""),
    ("deny", "read", " x"),
    ("deny", "env", "A\nB"),
    ("deny", "write", "/"),
    ("deny", "read"),
    ("deny",),
    ("deny", "reed", "x"),
    ("deny", "read", "x", "--config", "/nonexistent"),
    ("deny", "read", "x", "--config", "/dev/null"),
    ("deny", "read", "x", "--config", "/etc"),
    ("deny", "read", "x", "--config", "c", "--project"),
]


@pytest.mark.parametrize("words", WRONG)
def test_wrong_words_change_nothing(shell: Shell, words: tuple[str, ...]) -> None:
    status, out, error = shell(*words)
    assert status == 1
    assert out == ""
    assert error.startswith("aigate: ")
    assert len(error.splitlines()) <= 2
    assert read(shell.config) == COMMENTED
    assert os.listdir(shell.project) == []


def test_dry_run(shell: Shell) -> None:
    status, out, _ = shell("deny", "read", "x", "--dry-run")
    assert status == 0
    changed = [line for line in out.splitlines() if line[0] in "+-"]
    assert changed == [f"--- {shell.config}", f"+++ {shell.config}", "+  - x"]
    assert read(shell.config) == COMMENTED


def test_dry_run_of_a_new_file(shell: Shell) -> None:
    _, out, _ = shell("deny", "read", "x", "--project", "--dry-run")
    assert out.endswith("@@ -0,0 +1,2 @@\n+deny_read:\n+  - x\n")
    assert os.listdir(shell.project) == []


def test_broken_file_is_not_edited(shell: Shell) -> None:
    shell.write("deny_reed: []\n")
    status, _, error = shell("deny", "read", "x")
    assert status == 1
    assert error.startswith(f"aigate: {shell.config}:1: unknown key 'deny_reed'")
    assert read(shell.config) == "deny_reed: []\n"


def test_no_config_yet(shell: Shell) -> None:
    os.unlink(shell.config)
    for words in (("deny", "read", "x"), ("status",)):
        status, _, error = shell(*words)
        assert status == 1
        assert "hint: create one: aigate init" in error


@pytest.mark.parametrize(
    "text", ["{deny_exec: [a]}\n", "deny_exec: [a]\n...\n", "--- \ndeny_exec: [a]", "  deny_exec: [a]"]
)
def test_odd_layouts(shell: Shell, text: str) -> None:
    shell.write(text)
    status, _, error = shell("deny", "read", "x")
    if status:
        assert "cannot be edited in this layout" in error
        assert "by hand" in error
        assert read(shell.config) == text
    else:
        config = shell.load()
        assert (texts(config.deny_exec), texts(config.deny_read)) == (["a"], ["x"])


def test_other_file(shell: Shell) -> None:
    write("other.yaml", "{}\n")
    assert shell("deny", "read", "x", "--config", "other.yaml")[0] == 0
    assert read("other.yaml") == "deny_read:\n  - x\n"
    assert read(shell.config) == COMMENTED


def test_project_file_is_made_and_found_again(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell("deny", "read", "x", "--project")[0] == 0
    os.mkdir("sub")
    monkeypatch.chdir("sub")
    assert shell("deny", "exec", "make", "--project")[0] == 0
    assert read("../.aigate.yaml") == "deny_read:\n  - x\n\ndeny_exec:\n  - make\n"
    assert os.listdir() == []


@pytest.mark.parametrize("there", ["", "\n", "# a heading\n"])
def test_a_project_file_that_says_nothing_yet(shell: Shell, there: str) -> None:
    """As a lock that somebody took on it leaves it."""
    shell.write_project(there)
    status, out, error = shell("deny", "read", "x", "--project")
    assert (status, out, error) == (0, "deny_read: added x\n", "")
    shell.write_project(there)
    assert shell("allow", "net", "c.org", "--project")[0] == 0
    assert "c.org" in (shell.net() or ())


def test_a_hosts_last_name_in_a_project_does_not_become_no_network(shell: Shell) -> None:
    assert shell("allow", "net", "c.org", "--project")[0] == 0
    assert shell.net() == ["api.example.com", "b.example.com", "c.org"], "typing it was saying yes to it"
    write(".aigate.yaml", read(".aigate.yaml") + "deny_read: [x]\n")
    assert shell.net() == ["api.example.com", "b.example.com"], "another content"
    assert shell("deny", "net", "c.org", "--project")[0] == 0
    assert read(".aigate.yaml") == "deny_read: [x]\n"
    assert shell.net() == ["api.example.com", "b.example.com"]


def test_an_edit_does_not_agree_to_what_somebody_else_wrote(shell: Shell) -> None:
    shell.write_project("allow_net: [evil.example]\n")
    status, out, _ = shell("deny", "read", "x", "--project")
    assert status == 0
    assert "aigate trust puts that into force" in out
    assert shell.net() == ["api.example.com", "b.example.com"]


def test_a_project_cannot_take_hosts_away_one_by_one(shell: Shell) -> None:
    assert shell("deny", "net", "--project", "--except", "api.example.com")[0] == 1
    assert shell("deny", "net", "--project")[0] == 0
    assert shell.net() == []


def test_a_project_of_an_unrestricted_user(shell: Shell) -> None:
    shell.write("{}\n")
    assert shell("allow", "net", "--project", "a.org")[0] == 1
    assert shell("deny", "net", "--project", "--except", "a.org")[0] == 0
    assert shell.net() == ["a.org"]


def test_trust(shell: Shell) -> None:
    path = shell.write_project("deny_read: [x]\nallow_net: [c.org]\nresource_limits: {max_pids: 5}\n")
    status, out, _ = shell("trust", "--show")
    assert (status, out) == (0, f"{path}:2: allow_net c.org\n{path}: not trusted: the above is left out\n")
    assert "c.org" not in (shell.net() or [])
    assert shell("trust") == (0, f"{path}:2: allow_net c.org\n{path}: trusted as it is now\n", "")
    assert "c.org" in (shell.net() or [])
    assert shell("trust", "--show")[1].endswith(": trusted\n")
    assert shell("trust", "--revoke")[1] == f"{path}: no longer trusted\n"
    assert "c.org" not in (shell.net() or [])
    assert shell("trust", "--revoke")[1] == f"{path}: was not trusted\n"


def test_trust_of_another_folder(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.write_project("allow_net: [c.org]\n")
    monkeypatch.chdir("/")
    assert shell("trust")[0] == 1
    assert shell("trust", shell.project)[0] == 0
    assert "c.org" in (shell.net() or [])


def test_status_in_words(shell: Shell) -> None:
    shell.write_project("deny_read: [mine]\nallow_net: [c.org]\n")
    _, out, _ = shell("status")
    for part in ("~/.aigate/config.yaml", f"{shell.project}/.aigate.yaml", "mine", "kubectl delete", "api.example.com"):
        assert part in out
    assert f"Left out until you agree (aigate trust):\n  {shell.project}/.aigate.yaml:2: allow_net c.org\n" in out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "Can reach: everything; the network is not restricted, because allow_net is left out"),
        ("allow_net: []", "Can reach: nothing"),
        ("{}", "Masked: nothing"),
        ("{}", "Cannot read: nothing is hidden"),
        ("{}", "Limits: none"),
        ("resource_limits: {max_memory: 1536M, max_cpu_percent: 12.5}", "1536M of memory, 12.5 % of the processors"),
        ("mask_stdout: {presets: [openai], patterns: [{regex: a}]}", "Masked: openai, 1 own pattern"),
        ("require: [net, mask]", "Required: net, mask"),
    ],
)
def test_status_says_what_is_open(shell: Shell, text: str, words: str) -> None:
    shell.write(text)
    assert words in shell("status")[1]


def test_status_as_json(shell: Shell) -> None:
    shell.write("deny_read: [a]\nresource_limits: {max_pids: 5}\nmask_stdout: {patterns: [{regex: x}]}\n")
    told = json.loads(shell("status", "--json")[1])
    assert told["deny_read"] == [{"text": "a", "path": shell.config, "line": 1}]
    assert told["allow_net"] is None
    assert told["resource_limits"] == {"max_memory": None, "max_cpu_percent": None, "max_pids": 5}
    assert told["mask_stdout"]["patterns"][0]["regex"] == "x"
    assert told["sources"] == [shell.config]


@pytest.mark.parametrize(
    "words", [("deny",), ("allow",), ("deny", "net"), ("allow", "read"), ("status",), ("trust",), ("init",)]
)
def test_help(shell: Shell, words: tuple[str, ...]) -> None:
    status, out, _ = shell(*words, "--help")
    assert status == 0
    assert out.startswith(f"Usage: aigate {' '.join(words)} ")
