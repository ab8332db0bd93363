"""A short text is masked by the rules that may match in it, and looks as if all had been asked."""

import random

import pytest
from masker_cases import CASES, Case
from samples import sample

from aigate import Masker, Rule
from aigate._masker import needed
from aigate.masking.presets import PRESETS
from aigate.masking.rules import preset_rules
from aigate.masking.single import LONGEST, _likely, mask_texts

ALL = preset_rules("all")
MASKER = Masker(ALL)
SAMPLES = 2


def whole(text: str) -> str:
    return MASKER.mask(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("regex", "folds", "texts"),
    [
        ("gh[pous]_[A-Z]{4}", False, {b"gho_", b"ghp_", b"ghs_", b"ghu_"}),
        ("(?:abc|de)x?fgh", False, {b"fgh"}),
        ("(?:key|token)=.", True, {b"key=", b"token="}),
        ("[a-z]+TOKEN(?:_[0-9]+)?", False, {b"token"}),
        ("(?:ab){2}", False, {b"abab"}),
        ("a(?:bcd)?e", False, {b"a"}),
        ("(?:bcd)*x", False, {b"x"}),
        ("(?:bcd)+[0-9a-z]*", False, {b"bcd"}),
        ("(?:abc|)[a-z]*", False, set()),
        ("[a-z0-9]{32}", False, set()),
        (r"\bab\b-c", False, {b"ab-c"}),
        (r"\pL(", False, set()),
    ],
)
def test_what_no_match_can_do_without(regex: str, folds: bool, texts: set[bytes]) -> None:
    assert set(needed(regex, folds)) == texts


def test_each_text_that_a_preset_matches_holds_what_it_needs() -> None:
    dice = random.Random(14)  # noqa: S311 -- repeatable on purpose
    for rule in ALL:
        for text in (sample(rule.regex, dice) for _ in range(SAMPLES)):
            assert not text.isascii() or _likely([rule], text.lower()), (rule.name, text)


def test_an_example_of_each_preset_is_masked_as_by_all_rules() -> None:
    for preset in PRESETS.values():
        text = f"run --with {preset.example} in /home/x"
        assert mask_texts([text], MASKER, ALL) == [whole(text)]


def test_a_short_text_looks_as_if_all_rules_had_been_asked() -> None:
    texts = [case.data.decode("utf-8", "surrogateescape") for case in CASES if _is_of_all(case)]
    assert len(texts) > 100
    for text in texts:
        assert mask_texts([text], MASKER, ALL) == [whole(text)], text


def _is_of_all(case: Case) -> bool:
    return case.rules == ALL and case.max_line is None and len(case.data) < LONGEST


def test_rules_of_the_users_own_and_values_count() -> None:
    rules = (*ALL, Rule("mine", "in[0-9]+side"))
    masker = Masker(rules, values=["the-known-value"])
    text = "true in123side the-known-value"
    assert masker.mask(text.encode()) == b"true *** ***"
    assert mask_texts([text], masker, rules, ["the-known-value"]) == ["true *** ***"]


def test_what_is_not_plain_goes_by_all_rules() -> None:
    token = f"ghp_{'a1B2' * 9}"
    for text in (f"{token[:9]}\x1b[31m{token[9:]}", f"é {token}", f"{token}\n{token}", "x" * LONGEST + f" {token}"):
        assert mask_texts([text], MASKER, ALL) == [whole(text)] != [text]


def test_several_texts_are_masked_each_by_itself() -> None:
    token = f"ghp_{'a1B2' * 9}"
    texts = [f"run {token[:9]}", f"{token[9:]}", f"x {token}", "--password", "hunter2x9Q"]
    assert mask_texts(texts, MASKER, ALL) == [whole(text) for text in texts]
    assert mask_texts([], MASKER, ALL) == []
