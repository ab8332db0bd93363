"""A transcript that a killed agent or a lost block has broken is scrubbed too; one that is written to stays valid."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from aigate import Masker
from aigate.hook.scrub import scrub
from aigate.masking.rule import Rule
from aigate.masking.rules import preset_rules

if TYPE_CHECKING:
    from pathlib import Path

MASKER = Masker(preset_rules("all"))
KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"
LONG_AGO = 1_000_000_000
FINE = json.dumps({"text": f"see {KEY}"}) + "\n"


@pytest.mark.parametrize(
    "broken",
    [
        f'{{"text": "it was cut at {KEY} and{FINE}',
        "\0" * 512 + FINE,
        f'{{"text": "{KEY}"}} {{"text": "{KEY}"}}\n',
        f"{KEY}\n",
        f'{{"text": "a\\" {KEY} {FINE}',
    ],
)
def test_a_broken_line_among_others(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(FINE + broken + FINE)
    assert scrub(str(path), MASKER, change=True).left is None
    text = path.read_text()
    assert KEY not in text
    assert len(text) == len(FINE + broken + FINE)
    lines = text.splitlines()
    assert json.loads(lines[0]) == json.loads(lines[-1]) == {"text": "see ghp_" + "*" * 36}


@pytest.mark.parametrize("name", ["one.jsonl", "one.json"])
def test_one_that_ends_within_a_text(tmp_path: Path, name: str) -> None:
    """Nobody has written to it for long; while somebody may still write, what has no end stays as it is."""
    path = tmp_path / name
    text = FINE + f'{{"text": "it was cut behind {KEY} and'
    path.write_text(text)
    assert scrub(str(path), MASKER, change=True).left is None
    assert path.read_text().endswith(f"behind {KEY} and")
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert scrub(str(path), MASKER, change=True).left is None
    assert KEY not in path.read_text()
    assert path.stat().st_mtime == LONG_AGO


def test_a_line_that_json_reads_keeps_its_shape(tmp_path: Path) -> None:
    """A rule that would take a name and quotes with it takes none; nor in a line of odd bytes, or one that is deep."""
    masker = Masker([*preset_rules("github"), Rule("password", 'password"?: *"[^"]*"')])
    path = tmp_path / "one.jsonl"
    deep = "[" * 20_000 + f'{{"password": "{KEY}"}}' + "]" * 20_000
    path.write_bytes(b'{"password": "' + KEY.encode() + b'", "odd": "\xff"}\n' + deep.encode() + b"\n")
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert scrub(str(path), masker, change=True).left is None
    first, second = path.read_bytes().splitlines()
    assert KEY.encode() not in first + second
    assert json.loads(first.decode("utf-8", "replace"))["odd"] == "\ufffd"
    assert second.strip(b"[]").startswith(b'{"password": "')
    assert second.strip(b"[]").endswith(b'"}')


def test_a_link_is_named_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").symlink_to("b.jsonl")
    assert scrub(str(tmp_path / "a.jsonl"), MASKER, change=True).left == "is a symbolic link"
