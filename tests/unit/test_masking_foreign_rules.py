"""`--rules` reads what other programs read; what cannot be had is named with the reason, and the rest is in force."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from aigate.errors import ConfigError
from aigate.masking.foreign.rules import read
from aigate.masking.foreign.syntax import translated, with_secret

if TYPE_CHECKING:
    from pathlib import Path

TOML = """
title = "ours"
[[rules]]
id = "corp"
description = "made up"
regex = '''(?i)corp[_-]key\\s*=\\s*"([a-z0-9]{8})"'''
entropy = 3.5
keywords = ["corp"]
[[rules]]
id = "second-group"
regex = '''(one|two)-([0-9]{4})'''
secretGroup = 2
[[rules]]
id = "ahead"
regex = '''zed(?=[0-9])'''
[[rules]]
id = "by-name"
path = '''\\.p12$'''
"""
YAML = """
rules:
- name: made up
  id: own.1
  pattern: |
    (?xi)
    made \\s up : \\#   # what stands in front
    (?P<TOKEN> [a-f 0-9]{6} )
  min_entropy: 2
  examples: ['made up:#abc123']
- name: Twice
  id: own.2
  pattern: (a)\\1
"""


def masked(path: Path, text: str) -> tuple[str, str, int]:
    command = [sys.executable, "-m", "aigate", "mask", "--rules", str(path)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout, done.stderr, done.returncode


def test_toml(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(TOML)
    out, err, status = masked(tmp_path / "r.toml", 'CORP_KEY = "abcd1234" one-1234 zed5\n')
    assert out == 'CORP_KEY = "***" one-*** zed5\n'
    assert status == 4
    assert "rule corp: entropy: is not looked at" in err
    assert "rule ahead: left out: RE2 has no lookahead" in err
    assert "rule by-name: left out: finds files by their names" in err
    assert "keywords" not in err


def test_yaml(tmp_path: Path) -> None:
    (tmp_path / "r.yml").write_text(YAML)
    out, err, status = masked(tmp_path / "r.yml", "made up:#abc123 aa\nMADE UP:#ABC123\n")
    assert (out, status) == ("made up:#*** aa\nMADE UP:#***\n", 4)
    assert "rule own.1: min_entropy: is not looked at" in err
    assert "rule own.2: left out: RE2 has no references to groups" in err


@pytest.mark.parametrize("text", ["[[rules]\n", "rules = 1\n", "[[rules]]\npath = 'x'\n"])
def test_a_file_of_no_use_masks_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.toml").write_text(text)
    out, err, status = masked(tmp_path / "r.toml", "text\n")
    assert (out, status) == ("", 1)
    assert f"{tmp_path}/r.toml: " in err
    with pytest.raises(ConfigError, match="cannot be read"):
        read(str(tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("(?x) a b # c (\n d [ #] \\  e", "ad[ #][ ]e".replace("ad", "abd")),
        ("(?i)(?<name>x)", "(?i)(?P<name>x)"),
        ("(?xs)\\#[^] ]", "(?s)[#][^] ]"),
        ("a b", "a b"),
    ],
)
def test_translated(pattern: str, wanted: str) -> None:
    assert translated(pattern) == wanted


@pytest.mark.parametrize(
    ("pattern", "number", "wanted"),
    [
        ("(?:a)[(](b)\\((c)", 1, "(?:a)[(](?P<secret>b)\\((c)"),
        ("(?P<x>a)(b)", 1, "(?P<secret>a)(b)"),
        ("(a)(b)", 2, "(a)(?P<secret>b)"),
        ("ab", 1, "ab"),
    ],
)
def test_which_group_is_hidden(pattern: str, number: int, wanted: str) -> None:
    assert with_secret(pattern, number) == wanted
