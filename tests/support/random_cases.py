"""Random rules and inputs for comparing the masker with its reference. Deterministic for a given seed."""

from __future__ import annotations

import random

from aigate import Masker, Rule
from aigate.errors import RuleError
from aigate.masking.presets import PRESETS
from aigate.masking.rules import preset_rules

FRAGMENTS = (
    b"a", b"b", b"ab", b"abc", b"k", b"K", b"s", b"S", b"foo", b"bar", b"x1", b"_", b"-", b"=", b":", b" ", b"  ",
    b"\t", b"'", b"\\n", b"%3D", b"\\u0026", b"\\x1b", b"[31m",
    b'"', b"/", b"0", b"42", b"1234", b"token", b"Secret", b"sk-", b"sk-ant-", b"AKIA", b"\0", b"***", b"\n",
    b"\r", b"\r\n",
    "é".encode(), "\u017f".encode(), "\u212a".encode(), "日本".encode(), "\U0001f511".encode(), b"\xff", b"\xe2\x84",
    b"\x80",
    b"\x1b[31m", b"\x1b[0m", b"\x1b[", b"\x1b]0;t\x07", b"\x1b]8;;u\x1b\\", b"\x1b]x",
    b"\x1b]2;ab", b"\x1b]8;id=a;http://a?", b"\x1b]52;c;YWJj", b"YWI=", b"\x07",
    b"\x1bPq\x1b\\", b"\x1b(B",
    b"\x1b7", b"\x1b", b"\x1b[C", b"\x1b[5;1H", b"\x1b8",
    b"\x1b[1;", b"\x1b\\", b"\x1b]66;s=2;",
    b"\x1b]66;", b"\x1b]66;;", b"-----BEGIN PRIVATE KEY-----", b"-----END PRIVATE KEY-----",
    b"-----BEGIN PRIVATE KEY-----\n", b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR\n",
    b"+-----BEGIN PRIVATE KEY-----\n+", b"AbC=\n", b"Name: value\n", b"1 ", b"password=", b"api_key: ", b"hunter2",
    b"abcdefghijklmnopqrstuvwxyz012345", b"foo\n", b"foo\r\nx1: ", b'"password",\n', b"name: api_key\n",
    b"value: hunter2x9", b"\x1b[31m\n",
)  # fmt: skip
ATOMS = (
    "a", "b", "ab", "abc", "k", "s", "foo", "bar", "x", "_", "-", "=", "0", "token", "é", "日", r"\d", r"\w", r"\s",
    r"\S", r"\W",
    r"\D", ".", "[a-c]", "[^a]", "[^a-z]", "[ks]", r"[\w-]", r"[^\s'\"]", "[[:alpha:]]", "[[:^alpha:]]",
    "[A-Z0-9]", r"\x41",
    r"\x{17f}", "[é日]", r"\pL", r"\PL", r"\x{80}", r"[\x{80}-\x{10ffff}]", r"\Qa.b\E", r"\.", r"[^\W]",
    r"[^\x{17f}]", r"[\S]",
)  # fmt: skip
REPEATS = ("", "", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?", "{0,2}", "{3}")
ASSERTIONS = ("^", "$", r"\b", r"\B", r"\A", r"\z")
PRESET_POOL = preset_rules("all")
EXAMPLES = tuple(preset.example.encode() for preset in PRESETS.values())


def random_regex(dice: random.Random, depth: int = 0) -> str:
    """Return an expression in RE2's syntax; it may still be refused, for matching nothing say."""
    parts = []
    for _ in range(dice.randint(1, 4)):
        kind = dice.random()
        if kind < 0.08:
            parts.append(dice.choice(ASSERTIONS))
            continue
        if kind < 0.28 and depth < 2:
            body = "|".join(random_regex(dice, depth + 1) for _ in range(dice.randint(1, 3)))
            atom = f"{dice.choice(('(', '(?:', '(?i:'))}{body})"
            # Loops over nothing: RE2 of 2016, which the reference has, prefers other matches there than today's.
            parts.append(atom + (dice.choice(REPEATS) if usable([Rule("", atom)]) else ""))
        else:
            parts.append(dice.choice(ATOMS) + dice.choice(REPEATS))
    return "".join(parts)


def usable(rules) -> bool:
    """Tell whether aigate takes these rules."""
    try:
        Masker(rules)
    except RuleError:
        return False
    return True


def random_rule(dice: random.Random, name: str) -> Rule:
    if dice.random() < 0.1:
        below = f"(?:{random_regex(dice)})?(?:(?P<secret>{random_regex(dice)})|{random_regex(dice)})"
        return Rule(name, f"{random_regex(dice)}$", check=dice.choice((None, "literal")), below=below)
    return Rule(
        name, random_regex(dice), dice.choice((0, 0, 1, 2, 3, 7)), dice.random() < 0.3, token=dice.random() < 0.3
    )


def random_rules(dice: random.Random) -> tuple[Rule, ...]:
    """Return one to four rules that aigate takes."""
    rules: list[Rule] = []
    wanted = dice.randint(1, 4)
    while len(rules) < wanted:
        rule = dice.choice(PRESET_POOL) if dice.random() < 0.2 else random_rule(dice, f"r{len(rules)}")
        if usable([rule]):
            rules.append(rule)
    return tuple(rules)


def random_input(dice: random.Random) -> bytes:
    pieces = [dice.choice(FRAGMENTS) for _ in range(dice.randint(0, 14))]
    if dice.random() < 0.3:
        pieces.insert(dice.randint(0, len(pieces)), dice.choice(EXAMPLES))
    return b"".join(pieces)
