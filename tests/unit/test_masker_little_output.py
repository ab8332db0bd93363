"""Little output is looked at byte by byte, without the preparations for much: the same is found."""

import random
import threading
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


def test_threads_share_the_change_from_little_to_much() -> None:
    """What looks at little output is freed while others may walk by it."""
    rules = preset_rules("all")
    lines = [b"line %d holds %b and \x1b[1mmore\x1b[0m\n" % (number, A_TOKEN) for number in range(40)]
    expected = b"".join(lines).replace(A_TOKEN, b"AKIA***")
    for few in (2_000, 6_000, 12_000):
        look_closely_from(few)
        masker = Masker(rules)
        found: list[bytes] = []

        def work(masker: Masker = masker, found: list[bytes] = found) -> None:
            stream = masker.stream()
            found.append(b"".join(stream.feed(line) for line in lines) + stream.flush())

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [expected] * len(threads)


def test_a_title_within_a_line_may_be_where_it_changes() -> None:
    look_closely_from(3_000)
    line = b"a line, a title \x1b]0;%b\x07 and %b\n" % (A_TOKEN, A_TOKEN)
    stream = Masker(preset_rules("all")).stream()
    masked = b"".join(stream.feed(line) for _ in range(60)) + stream.flush()
    assert masked == line.replace(A_TOKEN, b"AKIA***") * 60
