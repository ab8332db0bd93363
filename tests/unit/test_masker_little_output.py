"""Little output is looked at byte by byte, without the preparations for much: the same is found."""

import random
from collections.abc import Iterator

import pytest
from choice import budget
from masker_cases import CASES
from random_cases import random_input, random_rules

from aigate import Masker, Rule
from aigate._masker import look_closely_from
from aigate.masking.rules import preset_rules

ALWAYS, NEVER = 1 << 40, 0
A_TOKEN = b"AKIAABCDEFGHIJKLMNOP"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    look_closely_from(NEVER)  # as conftest.py has it


def both(rules: tuple[Rule, ...]) -> tuple[Masker, Masker]:
    look_closely_from(ALWAYS)
    closely = Masker(rules)
    look_closely_from(NEVER)
    return closely, Masker(rules)


def test_cases() -> None:
    look_closely_from(ALWAYS)
    for case in CASES:
        masker = Masker(case.rules) if case.max_line is None else Masker(case.rules, max_line=case.max_line)
        assert masker.mask(case.data) == case.masked, case.name


def test_agrees_on_random_input_with_all_presets() -> None:
    dice = random.Random(8)  # noqa: S311 - repeatable on purpose
    rules = preset_rules("all")
    closely, thoroughly = both(rules)
    words = [rule.regex[:4].encode() for rule in rules] + [A_TOKEN, b"sk-" + b"a1" * 20, b"\x1b[1m", b"\xc3\xa9", b"\n"]
    for _ in range(budget(40, 200, 300)):
        data = b"".join(dice.choice(words) + b"x" * dice.randrange(20) + random_input(dice) for _ in range(40))
        assert closely.mask(data) == thoroughly.mask(data)


def test_agrees_on_random_rules() -> None:
    dice = random.Random(9)  # noqa: S311 - repeatable on purpose
    for _ in range(budget(60, 100, 300)):
        rules = random_rules(dice)
        closely, thoroughly = both(rules)
        data = b"".join(random_input(dice) for _ in range(30))
        assert closely.mask(data) == thoroughly.mask(data), rules


@pytest.mark.parametrize("few", [1, 4096, 10_000])
def test_little_becomes_much_within_a_stream(few: int) -> None:
    look_closely_from(few)
    stream = Masker(preset_rules("all")).stream()
    masked = b"".join(stream.feed(b"a line with %b in it\n" % A_TOKEN) for _ in range(600)) + stream.flush()
    assert masked == b"a line with AKIA*** in it\n" * 600
