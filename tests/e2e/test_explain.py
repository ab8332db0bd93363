"""`aigate explain` names what decides, file and line of it, and a command that changes it; which then does."""

from __future__ import annotations

import json
import shlex

import pytest
from sandbox import Sandbox

CONFIG = """deny_read:
  - .env*
  - secrets/
  - ~/private/
  - copied.pem
deny_write:
  - ~/kept/
  - Makefile
  - .envrc
deny_exec:
  - tool
  - wide part
allow_net:
  - example.com:443
  - "*.example.org"
home: writable
"""
CASES = [
    # words, what is asked, key, entry, line, the command that changes it
    ((".env.test",), "read", "deny_read", ".env*", 2, "aigate allow read ~/project/.env.test"),
    (("secrets/key",), "read", "deny_read", "secrets/", 3, "aigate allow read ~/project/secrets"),
    (("~/private/deep/key",), "read", "deny_read", "~/private/", 4, "aigate allow read ~/private"),
    (("copied.txt",), "read", "deny_read", "copied.pem", 5, "aigate allow read copied.pem"),
    (("~/kept/x",), "write", "deny_write", "~/kept/", 7, "aigate allow write ~/kept"),
    (("Makefile",), "write", "deny_write", "Makefile", 8, "aigate allow write ~/project/Makefile"),
    ((".envrc",), "write", "deny_write", ".envrc", 9, "aigate allow write ~/project/.envrc"),
    (("~/bin/tool",), "run", "deny_exec", "tool", 11, "aigate allow exec tool"),
    (("--", "tool", "x"), "run", "deny_exec", "tool", 11, "aigate allow exec tool"),
    (("--", "env", "wide", "-v", "part"), "run", "deny_exec", "wide part", 12, "aigate allow exec wide part"),
    (("--host", "example.net"), "reach", "allow_net", "allow_net", 14, "aigate allow net example.net"),
    (("--host", "example.com:80"), "reach", "allow_net", "example.com:443", 14, "aigate allow net example.com:80"),
    (("--host", "10.0.0.1:22"), "reach", "allow_net", "allow_net", 14, "aigate allow net 10.0.0.1:22"),
]


@pytest.fixture
def place(sandbox: Sandbox) -> Sandbox:
    for path in (".env.test", "secrets/key", "~/private/deep/key", "copied.pem", "~/kept/x", "Makefile"):
        sandbox.write(path)
    (sandbox.project / "copied.txt").hardlink_to(sandbox.project / "copied.pem")
    for name in ("tool", "wide"):
        sandbox.write(f"~/bin/{name}", "#!/bin/sh\n", 0o755)
    sandbox.extra["PATH"] = f"{sandbox.home}/bin:/usr/bin:/bin"
    sandbox.config(CONFIG)
    return sandbox


def explained(sandbox: Sandbox, *words: str) -> list[dict]:
    done = sandbox.aigate("explain", "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case[0]))
def test_it_names_the_line_and_what_changes_it(place: Sandbox, case: tuple) -> None:
    words, kind, key, entry, line, change = case
    words = tuple(word.replace("~", str(place.home)) for word in words)
    (found,) = explained(place, *words)
    answer = found[kind]
    assert not answer["allowed"]
    assert (answer["key"], answer["entry"], answer["line"]) == (key, entry, line)
    assert answer["file"] == str(place.home / ".aigate/config.yaml")
    assert shlex.split(answer["change"]) == (
        change.split() if "part" not in change else [*change.split()[:3], "wide part"]
    )
    changed = place.aigate(*shlex.split(answer["change"])[1:])
    assert changed.returncode == 0, changed.stderr
    assert explained(place, *words)[0][kind]["allowed"]


def test_what_a_projects_file_says_is_changed_there(sandbox: Sandbox) -> None:
    sandbox.write(".aigate.yaml", "deny_read: [notes.txt]\n")
    path = sandbox.write("notes.txt")
    answer = explained(sandbox, str(path))[0]["read"]
    assert (answer["file"], answer["line"]) == (str(sandbox.project / ".aigate.yaml"), 1)
    assert shlex.split(answer["change"])[:4] == ["aigate", "allow", "read", "--project"]
    assert sandbox.aigate(*shlex.split(answer["change"])[1:]).returncode == 0
    assert explained(sandbox, str(path))[0]["read"]["allowed"]


def test_a_closed_network_names_the_line_that_closes_it(sandbox: Sandbox) -> None:
    sandbox.config("deny_read: []\nallow_net: []\n")
    answer = explained(sandbox, "--host", "example.com")[0]["reach"]
    assert (answer["allowed"], answer["reason"], answer["line"]) == (False, "there is no network", 2)


def test_a_person_reads_it(place: Sandbox) -> None:
    done = place.aigate("explain", ".env.test", "--host", "www.example.org")
    assert done.stdout == (
        f"{place.project}/.env.test\n"
        "  read, write, run no  it is hidden\n"
        f"                      {place.home}/.aigate/config.yaml:2: deny_read .env*\n"
        "                      inside: Permission denied\n"
        "                      to change it: aigate allow read '~/project/.env.test'\n"
        "www.example.org\n"
        "  reach           yes it is allowed; not where it leads to a private address\n"
        f"                      {place.home}/.aigate/config.yaml:15: allow_net *.example.org\n"
    )


def test_what_the_last_run_was_refused(place: Sandbox) -> None:
    assert place.aigate("explain", "--last").returncode == 1  # there was none
    assert place.shell("touch .envrc").returncode == 0
    done = place.aigate("explain", "--last", cwd=place.home)
    first, path, *_ = done.stdout.splitlines()
    assert first.startswith("The last run: sh -c touch .envrc")
    assert path == f"{place.project}/.envrc"
    assert f"{place.home}/.aigate/config.yaml:9: deny_write .envrc" in done.stdout
    assert place.run("tool").returncode == 1
    assert explained(place, "--last")[0]["command"] == ["tool"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "explain what?"),
        (("--host", "*.example.com"), "explain --host *.example.com: names more than one host"),
        (("--host", "http://x"), "explain --host http://x: allow_net: 'http://x' is a URL"),
    ],
)
def test_words_that_ask_nothing(place: Sandbox, words: tuple[str, ...], message: str) -> None:
    done = place.aigate("explain", *words)
    assert done.returncode == 1
    assert done.stderr.startswith(f"aigate: {message}\n  hint: ")
