"""What is matched, parted or passed over without RE2 comes out as if that had been asked."""

import random

import pytest
from choice import budget
from reference import mask as reference_mask

from aigate import Masker, Rule
from aigate.errors import RuleError
from aigate.masking.rules import preset_rules

# Each with what a first attempt at doing without RE2 made something else of.
RULES = [
    (r"(?:x-ab|x-)(?P<secret>\b[a-z]+)", b"x-abcd ", b"x-*** "),  # the group asks what stands in front of it,
    (r"(?:ab\B|a)(?P<secret>b?)", b"abc", b"abc"),  # or what stands in front of it asks, where it is nothing
    (r"x(?:-\b|)(?P<secret>-?)", b"x-c", b"x-c"),
    (r"(?:a日*|ab)(?P<secret>[a-z]+)", b"abcd", b"a***"),  # three characters in Latin-1, the last one repeated
    (r"k=(?:“?|\")(?P<secret>\S+)", b'k="abc', b"k=***"),
    (r"x(?:é*|[a-z]+)", b"\xffxabc", b"\xff***"),
    (r"(?:[a-c]+)(?P<secret>[a-c]日*|ab)", b"\xffabab", b"\xffab***"),
    (r"a+\b", b"aab aa aa_", b"aab *** aa_"),
    (r"a+\B", b"aab aa aa_", b"***b ***a ***_"),
    (r"^a+|a+$", b"aa aa aa", b"*** aa ***"),
    (r"a(?:b|\b-|$)", b"ab a- ac a", b"*** *** ac ***"),
    (r"→+k\b", "→→k →kk".encode(), "*** →kk".encode()),
    (r"[ab]{2,4}\b", b"abab ababab", b"*** ab***"),
    (r"[a-z]+?\b1?", b"abc-1 abc1", b"***-1 abc1"),
    # A group that has no part in the match, or had one more than once; that is empty; in the middle; behind others.
    (r"(?:(?P<secret>a)|b)c", b"ac bc", b"***c ***"),
    (r"(?:(?P<secret>[ab])-)+", b"a-b-", b"a-***-"),
    (r"(?P<secret>x*)y", b"y xxy", b"y ***y"),
    (r"k=(?P<secret>[a-z]{3})(?:[^ ]*ZZ)?", b"k=abcdZZ k=abcd", b"k=***dZZ k=***d"),
    (r"(?:a(?P<secret>b)?)+\B", b"abaab-", b"a***aab-"),
    (r"[^ ]*?(?P<secret>1)(?:\b|2$)", b"x11 112", b"x1*** 1***2"),
    (r"()()()(a)(b)(?P<secret>c+)(d|$)", b"abcccd abc", b"ab***d ab***"),
]


@pytest.mark.parametrize("much", [False, True], ids=["little", "much"])
@pytest.mark.parametrize(("regex", "data", "masked"), RULES, ids=[regex for regex, _, _ in RULES])
def test_rules(regex: str, data: bytes, masked: bytes, much: bool) -> None:
    masker = Masker([Rule("rule", regex)])
    if much:
        masker.mask(b"zz zz zz\n" * 5000)
    assert masker.mask(data) == masked


def test_a_line_below_a_name_that_can_be_nothing() -> None:
    for below in (r"\s*(?:value: (?P<secret>\w+))?", r"(?:value: (?P<secret>\w+)|\s*)"):
        masker = Masker([Rule("name", "name: pw$", below=below)])
        assert masker.mask(b"name: pw\n\nvalue: hunter2\n") == b"name: pw\n\nvalue: ***\n"
        assert masker.mask(b"name: pw\n{\nvalue: hunter2\n") == b"name: pw\n{\nvalue: ***\n"


TOKEN = b"ghp_16C7e42F292c6912E7710c838347Ae178B4a"


@pytest.mark.parametrize("much", [False, True], ids=["little", "much"])
def test_what_one_window_leaves_to_the_next(much: bool) -> None:
    """A first token lies in a window, and a second one over its edge."""
    before = b"all is well\n" * 5000 if much else b""
    for rules in (preset_rules("all"), preset_rules("github"), [Rule("word", r"\w{20,}")]):
        for cut in range(1, len(TOKEN)):
            stream = Masker(rules).stream(terminal=True)
            shown = stream.feed(before + b"first " + TOKEN + b" second " + TOKEN[:cut])
            shown += stream.feed(TOKEN[cut:] + b" ok\n") + stream.flush()
            assert shown.count(b"***") == 2, (cut, shown[len(before) :])
            assert b"C7e4" not in shown
        masker = Masker(rules, max_line=24_576)
        masker.mask(before)
        for begin in range(24_576 - 60, 24_576 + 20, 3):
            line = b"x. " + TOKEN + b". " * 12_000
            line = line[:begin] + b" " + TOKEN + b" ." * 3000 + b"\n"
            assert b"C7e4" not in masker.mask(line), begin


ASSERTIONS = (r"\b", r"\b", r"\B", "^", "$", r"\A", r"\z")
ATOMS = ("a", "b", "-", "_", "[ab]", "[^a]", r"\w", r"\W", ".", "é", "→", " ", "(?:ab|a)")
TIMES = ("", "", "", "*", "+", "?", "{1,2}", "*?", "+?")
PIECES = ("a", "b", "ab", "-", "_", " ", "é", "→", "\x1b[31m", "a-b")


def expression(dice: random.Random, most: int) -> str:
    parts = [
        dice.choice(ASSERTIONS) if dice.random() < 0.3 else dice.choice(ATOMS) + dice.choice(TIMES)
        for _ in range(dice.randint(1, most))
    ]
    return f"(?:{''.join(parts)}|{dice.choice(ATOMS)})" if dice.random() < 0.2 else "".join(parts)


def with_group(dice: random.Random) -> str:
    """A group anywhere. What is repeated matches something: RE2's versions differ in the rest."""
    group = f"(?P<secret>{dice.choice(ATOMS)}{expression(dice, 2)}){dice.choice(TIMES)}"
    front, behind = (expression(dice, 2) if dice.random() < 0.8 else "" for _ in range(2))
    if dice.random() < 0.3:
        group = f"(?:{group}|{expression(dice, 2)})"
    if dice.random() < 0.2:
        return f"(?:{dice.choice(ATOMS)}{front}{group}{behind}){dice.choice(TIMES)}"
    return front + group + behind


@pytest.mark.parametrize("grouped", [False, True], ids=["whole", "group"])
def test_expressions_agree_with_the_reference(grouped: bool) -> None:
    dice = random.Random(f"expressions {grouped}")  # noqa: S311 - repeatable on purpose
    tried = 0
    while tried < budget(2_000, 6_000, 40_000):
        regex = with_group(dice) if grouped else expression(dice, 4)
        try:
            rules = [Rule("rule", regex, token=dice.random() < 0.2)]
            masker = Masker(rules)
        except RuleError:
            continue
        if dice.random() < 0.5:
            masker.mask(b"zz zz zz\n" * 5000)
        for _ in range(10):
            data = "".join(dice.choice(PIECES) for _ in range(dice.randint(1, 30))).encode()
            if dice.random() < 0.3:
                data = data.replace(b"\xa9", b"", 1) + dice.choice([b"\xff", b"\xc3", b"\xe2\x86"])
            assert masker.mask(data) == reference_mask(rules, data)[0], (regex, data)
            tried += 1
