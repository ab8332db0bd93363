"""Each construct of foreign rules is translated, widened, or named with RE2's limit and how to write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aigate._masker import Masker
from aigate.errors import ConfigError
from aigate.masking.foreign.rules import read
from aigate.masking.foreign.syntax import translated

if TYPE_CHECKING:
    from pathlib import Path


def toml(pattern: str, more: str = "") -> str:
    return f"[[rules]]\nid = 'made-up'\nregex = '''{pattern}'''\n{more}\n"


def yaml(pattern: str) -> str:
    return f"rules:\n- id: made-up\n  pattern: |\n    {pattern}\n"


def told(path: Path, text: str) -> list[str]:
    path.write_text(text)
    return [f"{'left out: ' if note.refused else ''}{note.text}" for note in read(str(path))[1]]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"a(?=b)", "no lookahead"),
        (r"a(?!b)", "no lookahead"),
        (r"(?<=a)b", "no lookbehind"),
        (r"(?<!a)b", "no lookbehind"),
        (r"(a)\1", "references to groups"),
        (r"(?P<q>a)\k<q>", "references to groups"),
        (r"(?P<q>a)(?P=q)", "references to groups"),
        (r"(a)(?(1)b|c)", "no conditions"),
        (r"(?|(a)|(b))", "share a number"),
        (r"a(?R)", "no recursion"),
        (r"a\Kb", "where a match begins"),
        (r"ab\Z", r"\A and \z only"),
        (r"a\hb", "write the class out"),
        (r"a{1024}", "1000 times at most"),
        (r"a(?x: b c)", "verbose mode"),
    ],
)
def test_what_re2_has_not_is_named(tmp_path: Path, pattern: str, words: str) -> None:
    for name, text in (("r.toml", toml(pattern)), ("r.yml", yaml(pattern))):
        (tmp_path / name).write_text(text)
        rules, (note,) = read(str(tmp_path / name))
        assert not rules
        assert note.refused
        assert words in note.text


@pytest.mark.parametrize("pattern", ["[a-z&&[^b]]", "[a-z--b]", "[[a]b]"])
def test_operations_on_classes_are_named_where_the_engine_knows_them(tmp_path: Path, pattern: str) -> None:
    assert "no operations on classes" in told(tmp_path / "r.yml", yaml(f"x{pattern}"))[0]


@pytest.mark.parametrize(
    ("pattern", "text", "wanted", "word"),
    [
        (r"k-([a-f]++)x", "k-abcx", "k-***x", "possessive"),
        (r"k-([a-f]{2,3}+)", "k-abc", "k-***", "possessive"),
        (r"k-((?>ab|c)+)", "k-abc", "k-***", "atomic"),
        (r"k-([a-f]{2,2000})", "k-" + "a" * 1500 + " b", "k-*** b", "is written as {2,}"),
    ],
)
def test_what_makes_matches_fewer_is_left_out_and_told(
    tmp_path: Path, pattern: str, text: str, wanted: str, word: str
) -> None:
    (tmp_path / "r.toml").write_text(toml(pattern))
    rules, (note,) = read(str(tmp_path / "r.toml"))
    assert not note.refused
    assert word in note.text
    assert Masker(rules).mask(text.encode()).decode() == wanted


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        (r"\u0041\u{42}", r"\x{0041}\x{42}".replace(r"\x{42}", r"\u{42}")),
        (r"\\u0041", r"\\u0041"),
        (r"\(?<a>", r"\(?<a>"),
        (r"(?U)a+", "(?U)a+"),
        (r"(?i)(?x) a b", "(?i)ab"),
    ],
)
def test_translated(pattern: str, wanted: str) -> None:
    assert translated(pattern) == wanted


def test_a_comment_and_a_group_that_is_not_there(tmp_path: Path) -> None:
    (note,) = told(tmp_path / "r.toml", toml("k(?# what)-(a)", "secretGroup = 2"))
    assert note == "secretGroup: the pattern has no group 2, so all of the match is hidden"
    assert told(tmp_path / "r.toml", toml("(?P<x>k)-[(](a)", "secretGroup = 2")) == []


def test_a_pattern_that_is_no_text(tmp_path: Path) -> None:
    assert told(tmp_path / "r.yml", "rules:\n- id: x\n  pattern: 5\n") == ["left out: its pattern is no text"]


def test_a_file_that_extends_another_one(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(
        "[[rules]]\nid = 'a'\nregex = 'aaa'\n[[rules]]\nid = 'b'\nregex = 'bbb'\n[[rules]]\nid = 'c'\nregex = 'ccc'\n"
    )
    own = tmp_path / "own.toml"
    own.write_text("[extend]\npath = 'base.toml'\ndisabledRules = ['b']\n[[rules]]\nid = 'c'\nregex = 'xxx'\n")
    rules, notes = read(str(own))
    assert ([(rule.name, rule.regex) for rule in rules], notes) == ([("a", "aaa"), ("c", "xxx")], ())
    own.write_text("[extend]\nuseDefault = true\n[[rules]]\nid = 'c'\nregex = 'xxx'\n")
    assert told(own, own.read_text())[0].startswith("left out: extend.useDefault")
    own.write_text("[extend]\npath = 'own.toml'\n")
    with pytest.raises(ConfigError, match="2 files in a row"):
        read(str(own))


BASE = "[[rules]]\nid = 'a'\nregex = 'aaa([0-9])'\n"
EXTENDING = "[extend]\npath = 'base.toml'\n[[rules]]\nid = 'a'\n"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ("[[rules.allowlists]]\nregexes = ['x']\n", "allowlists: is not looked at"),
        ("path = 'x'\n", "path: is not looked at"),
        ("secretGroup = 0\n", "secretGroup: is not looked at"),
        ("regex = 'b(?!c)'\n", "left out: RE2 has no lookahead"),
    ],
)
def test_a_rule_that_is_changed_by_another_file_still_hides(tmp_path: Path, changed: str, words: str) -> None:
    """gitleaks takes what the other file says of a rule into the one that is there, which keeps its pattern."""
    (tmp_path / "base.toml").write_text(BASE)
    own = tmp_path / "own.toml"
    own.write_text(EXTENDING + changed)
    assert [rule.name for rule in read(str(own))[0]] == ["a"]
    assert any(words in text for text in told(own, own.read_text()))


def test_two_rules_of_one_name_both_hide(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[[rules]]\nid = 'a'\nregex = 'aaa'\n[[rules]]\nid = 'a'\nregex = 'bbb'\n")
    assert [rule.regex for rule in read(str(own))[0]] == ["aaa", "bbb"]


def test_a_directory_of_rules(tmp_path: Path) -> None:
    (tmp_path / "d/deep").mkdir(parents=True)
    with pytest.raises(ConfigError, match="holds no file"):
        read(str(tmp_path / "d"))
    (tmp_path / "d/a.yml").write_text(yaml("aaa"))
    (tmp_path / "d/deep/b.toml").write_text(toml("bbb"))
    (tmp_path / "d/README.md").write_text("no rules")
    assert [rule.regex.strip() for rule in read(str(tmp_path / "d"))[0]] == ["aaa", "bbb"]
