"""`terminal:` in the config: each word has its meaning, and what is no word or no key is refused with its line."""

from __future__ import annotations

import pytest

from aigate.config import chord, schema
from aigate.config.load import default_layer
from aigate.config.model import TERMINAL, TerminalReach
from aigate.errors import ConfigError
from aigate.session.using import permits_of


@pytest.mark.parametrize("key", TERMINAL)
def test_each_word_takes_out_less_than_the_one_before(key: str) -> None:
    taken = [set(permits_of(TerminalReach(**{key: word}), {}).without) for word in TERMINAL[key]]
    other = set(permits_of(TerminalReach(**{key: "all"}), {}).without)
    rest = [kinds - other for kinds in taken]
    assert rest[-1] == set()
    assert all(rest[:-1])
    assert len({frozenset(kinds) for kinds in rest}) == len(rest)


def test_the_default_file_says_what_holds_without_it() -> None:
    written = {key: entry.text for key, entry in default_layer(None).terminal or ()}
    assert written == {key: getattr(TerminalReach(), key) for key in (*TERMINAL, "reveal")}


@pytest.mark.parametrize(
    ("text", "project", "part"),
    [
        (b"terminal: {clipbord: none}\n", False, "unknown key 'clipbord' in terminal"),
        (b"terminal: {clipboard: read}\n", False, "terminal.clipboard cannot be 'read'"),
        (b"terminal: none\n", False, "terminal must be keys and values"),
        (b"terminal: {reveal: none}\n", True, "terminal.reveal cannot be set by a project"),
        (b"terminal: {reveal: ctrl-f3}\n", False, "terminal.reveal cannot be 'ctrl-f3'"),
    ],
)
def test_what_is_wrong_is_told(text: bytes, project: bool, part: str) -> None:
    with pytest.raises(ConfigError, match=part) as caught:
        schema.check(text, "/c.yaml", project=project)
    assert caught.value.line == 1


@pytest.mark.parametrize(
    "name", ["ctrl-f12", "alt-m", "ctrl-]", "ctrl-alt-v", "shift-f5", "ctrl-alt-shift-f1", "alt--"]
)
def test_keys_that_can_be_had(name: str) -> None:
    assert (chord.problem(name) is None) == (name != "alt--")


@pytest.mark.parametrize(
    "name", ["", "m", "f12", "shift-m", "ctrl-c", "ctrl-f3", "hyper-m", "ctrl-ctrl-m", "ctrl-1", "ctrl-F12", "é"]
)
def test_keys_that_cannot(name: str) -> None:
    assert chord.problem(name)


def test_under_ci_there_is_no_key() -> None:
    assert permits_of(TerminalReach(), {}).keys == (b"\x1b[24;5~",)
    assert permits_of(TerminalReach(), {"CI": "true"}).keys == ()
    assert permits_of(TerminalReach(reveal="none"), {}).keys == ()
