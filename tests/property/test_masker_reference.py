"""The masker agrees with its reference on random rules and random input.

AIGATE_RANDOM_CASES: how many cases, else as many as the set gives; a long run takes a million. AIGATE_RANDOM_SEED:
another run.
"""

import os
import random

import pytest
from choice import SEED as SEED_OF_SET
from choice import budget
from random_cases import random_input, random_rules
from reference import mask as reference_mask
from reference import speaks

from aigate import Masker, Rule

CASES = int(os.environ.get("AIGATE_RANDOM_CASES", "0")) or budget(8_000, 20_000, 100_000)
SEED = int(os.environ.get("AIGATE_RANDOM_SEED", str(SEED_OF_SET)))
INPUTS = 20  # for each set of rules
SLICES = 10


def test_a_rule_is_found_whatever_rules_stand_beside_it() -> None:
    """Fingerprints at different distances share a group when there are many: one of them may lie on the line before."""
    beside = [
        Rule(f"r{number}", f"{chr(97 + number % 26)}{'[a-z0-9]' * (number % 25)}k-{number:03}") for number in range(90)
    ]
    for distance in range(40):
        masker = Masker([Rule("a", "ab+c?"), Rule("k", "[a-z]k-[0-9]{3}"), *beside])
        data = b"abc" + b"." * distance + b"\nsk-ant-00 xk-001 abc\x1b[31m.\n"
        masked = masker.mask(data)
        assert masked.count(b"abc") == 0, masked


@pytest.mark.parametrize("part", range(SLICES))
def test_agrees_with_the_reference(part: int) -> None:
    dice = random.Random(SEED * SLICES + part)  # noqa: S311 - repeatable on purpose
    done = 0
    while done < CASES // SLICES:
        rules = random_rules(dice)
        if not all(map(speaks, rules)):
            continue
        masker = Masker(rules)
        for _ in range(INPUTS):
            data = random_input(dice)
            stream = masker.stream()
            masked = stream.feed(data) + stream.flush()
            expected, counts = reference_mask(rules, data)
            named = dict.fromkeys(masker.names, 0)
            for rule, count in zip(rules, counts, strict=True):
                named[rule.name] += count
            assert (masked, stream.counts) == (expected, named), (rules, data)
            done += 1
