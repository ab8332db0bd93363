"""Known values: the masker agrees with its reference, however the input is cut and whatever stands between."""

import random

import pytest
from choice import SEED, budget
from hypothesis import given
from hypothesis import strategies as st
from reference import mask as reference_mask
from written import written

from aigate import Masker, Rule
from aigate._masker import spellings

CASES = budget(1_000, 3_000, 30_000)
SLICES = 5
MARKS = "abXY01'\"\\&<>+/=%$ ~#\u00e9\U0001f511\t"
BETWEEN = (b"", b"", b"", b"\x1b[31m", b"\x1b]0;t\x07", b"\x1b]66;s=2;", b"\x1b", b"\xff", b"\n", b"\r\n", b" ", b"a")
RULES = (Rule("a", "ab+", 1), Rule("b", r"\S+!"))

RAW = st.one_of(
    st.text(MARKS, min_size=4, max_size=24).map(str.encode), st.text("ab", min_size=4, max_size=20).map(str.encode),
    st.binary(min_size=4, max_size=24).filter(lambda raw: not set(raw) & set(b"\r\n")),
)  # fmt: skip


@given(RAW)
def test_every_promised_spelling_is_known_and_no_other(value: bytes) -> None:
    found = spellings(value)
    assert len(found) == len(set(found))
    assert set(found) == written(value)


def known(dice: random.Random) -> list[bytes]:
    """Return a few values, some of which begin like another or hold one, of one kind or of several."""
    letters = dice.choice(("ab", MARKS, "abcdefXYZ0123456789"))
    least = dice.choice((4, 8, 16))
    values: list[str] = []
    for _ in range(dice.choice((1, 2, 5, 40))):
        word = "".join(dice.choice(letters) for _ in range(least + dice.randint(0, 12)))
        if values and dice.random() < 0.3:
            word = dice.choice(values)[: dice.randint(2, 8)] + word
        values.append(word)
    return [value.encode() for value in values]


def piece(dice: random.Random, values: list[bytes]) -> bytes:
    """Return a value in some spelling, whole or cut, and sometimes with something in the middle of it."""
    spelling = dice.choice(sorted(written(dice.choice(values))))
    if dice.random() < 0.3:
        spelling = spelling[: dice.randint(1, len(spelling))]
    at = dice.randint(0, len(spelling))
    return spelling[:at] + dice.choice(BETWEEN) + spelling[at:] + dice.choice(BETWEEN)


def fed(stream, data: bytes, dice: random.Random) -> bytes:
    shown, at = [], 0
    while at < len(data):
        size = dice.randint(1, 40)
        shown.append(stream.feed(data[at : at + size]))
        at += size
    return b"".join([*shown, stream.flush()])


@pytest.mark.parametrize("part", range(SLICES))
def test_agrees_with_the_reference_however_it_is_cut(part: int) -> None:
    dice = random.Random(SEED * SLICES + part)  # noqa: S311 - repeatable on purpose
    for done in range(CASES // SLICES):
        if done % 10 == 0:
            values = known(dice)
            masker = Masker(RULES, values=values)
        data = b"".join(piece(dice, values) for _ in range(dice.randint(0, 8)))
        expected, counts = reference_mask(RULES, data, values)
        for terminal in (False, True):
            stream = masker.stream(terminal=terminal)
            assert fed(stream, data, dice) == expected, (values, data)
            assert list(stream.counts.values()) == counts, (values, data)


@given(st.data())
def test_windows_change_nothing_but_the_counts(data) -> None:
    """A window is as wide as two values, so that each is found wherever it lies."""
    value = data.draw(RAW)
    text = b"".join(data.draw(st.lists(st.sampled_from((value, b"x", value[:3], value[3:], b"\x1b[m")), max_size=40)))
    whole = Masker(values=[value]).mask(text)
    for width in (1, 7, 30):
        narrow = Masker(values=[value], max_line=width)
        assert narrow.mask(text) == whole
        assert fed(narrow.stream(), text, random.Random(width)) == whole  # noqa: S311
