"""Which names globs match, all in one automaton, is what a regular expression for each says."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from patterns_reference import segment_matcher

from aigate._walk import Names, flaw

CHARACTERS = ["a", "b", "z", "A", "0", "-", ".", " ", "\n", "é", "ß", "€", "😀", "\udcff", "\udcc3", "\u00a0"]
PIECES = [
    *CHARACTERS,
    "*",
    "?",
    "[",
    "]",
    "!",
    "^",
    "\\*",
    "\\[",
    "[a-z]",
    "[!a-c]",
    "[]a]",
    "[[:alpha:]]",
    "[[:space:]]",
]
PIECES += ["[^[:digit:]é]", "[à-ÿ]", "[a\\]b]", "[-a]", "[a-]", "[*?]", "[\udc80-\udcff]"]
globs = st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join), min_size=1, max_size=8)
names = st.lists(st.lists(st.sampled_from([*CHARACTERS, "*", "[", "]", "!", "^", "\\"]), max_size=8).map("".join))


@given(globs, names)
def test_both_match_the_same(globs: list[str], names: list[str]) -> None:
    sound = list(dict.fromkeys(glob for glob in globs if not flaw(glob)))
    asked = Names(sound)
    matchers = [segment_matcher(glob) for glob in sound]
    for name in names:
        expected = [number for number, matches in enumerate(matchers) if matches(name)]
        assert list(asked.matched(name)) == expected, name


def test_many_globs_with_many_stars_are_forgotten_and_found_again() -> None:
    """Their automaton would have more states than are kept."""
    sound = ["*" + "*".join(chr(97 + (start + step) % 26) for step in range(9)) + "*" for start in range(26)]
    asked, matchers = Names(sound), [segment_matcher(glob) for glob in sound]
    chance = random.Random(1)  # noqa: S311
    for _ in range(60):
        name = "".join(chr(97 + chance.randrange(26)) for _ in range(200))
        assert list(asked.matched(name)) == [number for number, matches in enumerate(matchers) if matches(name)]
