"""What a command prints reaches past the screen only as far as the config says, with and without masking."""

from __future__ import annotations

import json

import pytest
from pseudo import Pseudo

CLIPBOARD, TITLE, REPORT = "\x1b]52;c;aGVsbG8=\x07", "\x1b]0;title\x07", "\x1b[21t"
LINK = "\x1b]8;;https://evil.example/\x07host.example\x1b]8;;\x07"
SAID = f"{TITLE}a{CLIPBOARD}b{REPORT}c{LINK}d"


def seen(sandbox, *command: str, answer: bytes = b"") -> str:
    environment = {**sandbox.environment, "TERM": "xterm"}
    argv = [*sandbox.prefix, "run", "--quiet", "--", *command]
    with Pseudo(argv, cwd=sandbox.project, env=environment, **sandbox.identity()) as terminal:
        if answer:
            terminal.expect(b"Apply this")
            terminal.send(answer)
        assert terminal.wait() == 0
        return terminal.seen.decode()


def printing(sandbox) -> str:
    sandbox.write("said", SAID)
    return seen(sandbox, "cat", "said")


def test_by_default_it_gets_the_title_and_nothing_else(sandbox) -> None:
    assert printing(sandbox) == f"{TITLE}abc\x1b]8;;\x1b\\host.example\x1b]8;;\x07d"
    last = json.loads(sandbox.path("~/.aigate/audit.jsonl").read_text().splitlines()[-1])
    assert last["terminal"] == {"clipboard": 1, "false_link": 1, "text_query": 1}


@pytest.mark.parametrize("masking", ["", "mask_stdout: {presets: [all]}\n"])
def test_what_the_config_allows_passes(sandbox, masking: str) -> None:
    sandbox.config(masking + "terminal: {clipboard: write, hyperlinks: all, queries: all, titles: none}\n")
    assert printing(sandbox) == SAID.replace(TITLE, "")


def test_without_masking_the_defaults_hold_as_well(sandbox) -> None:
    sandbox.config("{}\n")
    assert CLIPBOARD not in printing(sandbox)


def test_a_project_widens_it_if_the_user_agrees_and_not_else(sandbox) -> None:
    sandbox.write(".aigate.yaml", "terminal: {clipboard: all}\n")
    sandbox.write("said", SAID)
    assert CLIPBOARD not in seen(sandbox, "cat", "said", answer=b"n\r")
    assert CLIPBOARD in seen(sandbox, "cat", "said", answer=b"y\r")
