"""The table of presets holds nothing twice, and nothing that can never add anything."""

import random

import pytest
from samples import sample

from aigate import Masker
from aigate.errors import RuleError
from aigate.masking.presets import GROUPS, PRESETS
from aigate.masking.rules import ALL, chosen, preset_rules
from aigate.record import replace

# A text drawn at random passes no check; key_value, which is all checks, may be switched off beside the others.
RULES = [rule for rule in preset_rules(ALL) if not rule.armored and not rule.check]
SAMPLES = 40


def test_every_preset_stands_in_one_group_and_says_what_it_is() -> None:
    names = [preset.name for group in GROUPS.values() for preset in group]
    assert sorted(names) == sorted(PRESETS)
    assert not set(names) & {*GROUPS, ALL}
    assert all(preset.about and preset.source and preset.example and preset.rules for preset in PRESETS.values())
    assert len({preset.about for preset in PRESETS.values()}) == len(names)


def test_no_pattern_stands_there_twice() -> None:
    patterns = [rule.regex for rule in RULES]
    assert sorted(patterns) == sorted(set(patterns))


def adds(number: int, maskers: list[Masker]) -> bool:
    """Tell whether a rule hides something that no other does, in one of some texts that it matches."""
    dice = random.Random(number)  # noqa: S311 - repeatable on purpose
    for _ in range(SAMPLES):
        text = f" {sample(RULES[number].regex, dice)} ".encode()
        finders = [other for other, masker in enumerate(maskers) if masker.mask(text) != text]
        without = Masker([RULES[other] for other in finders if other != number])
        if number in finders and without.mask(text) != Masker([RULES[other] for other in finders]).mask(text):
            return True
    return False


def test_each_rule_adds_something() -> None:
    maskers = [Masker([rule]) for rule in RULES]
    idle = [RULES[number] for number in range(len(RULES)) if not adds(number, maskers)]
    assert [(rule.name, rule.regex) for rule in idle] == []


def test_a_rule_that_adds_nothing_is_found() -> None:
    longer = type(RULES[0])("longer", "sk-ant-[a-z]{20}", 7)
    RULES.append(longer)
    try:
        assert not adds(len(RULES) - 1, [Masker([rule]) for rule in RULES])
    finally:
        RULES.pop()


def test_groups_are_chosen_and_taken_back() -> None:
    assert chosen([("mail", None)]) == tuple(rule for preset in GROUPS["mail"] for rule in preset.rules)
    assert chosen([(ALL, None), ("!mail", None), ("sendgrid", None)]) == tuple(
        rule for rule in preset_rules(ALL) if PRESETS[rule.name] not in GROUPS["mail"] or rule.name == "sendgrid"
    )
    assert chosen([("npm", None), ("npm", None), ("!npm", None)]) == ()


@pytest.mark.parametrize("entries", [["!mail"], ["npm", "!mail"], ["!all", "all"]])
def test_what_was_not_asked_for_cannot_be_taken_back(entries: list[str]) -> None:
    with pytest.raises(RuleError, match=r"c:1: .* was not asked for"):
        chosen((entry, "c:1") for entry in entries)


def test_each_rule_is_one_that_a_user_could_write() -> None:
    """Built-in rules are believed when they are loaded; here they are checked as any other."""
    for rule in preset_rules("all"):
        Masker([replace(rule, source=None)])
