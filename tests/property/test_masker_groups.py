"""A rule's group named secret is where backtracking finds it, in whatever way the masker looks for it."""

from __future__ import annotations

import os
import re

from choice import budget
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from aigate import Masker, Rule
from aigate.errors import AigateError

CASES = int(os.environ.get("AIGATE_RANDOM_CASES", "0")) // 10 or budget(1_000, 2_000, 20_000)
ATOMS = (
    "a",
    "b",
    "=",
    '"',
    "[ab]",
    "[^=]",
    r"\w",
    r"\S",
    ".",
    "(?:a|b)",
    "(?:ab|a)",
    "(?:=|b=)",
    r"\b",
    r"[\]a]",
    "[^]b]",
)
TIMES = ("", "", "", "*", "+", "?", "*?", "+?", "??", "{1,2}")
piece = st.tuples(st.sampled_from(ATOMS), st.sampled_from(TIMES)).map(
    lambda both: both[0] if both[0] == r"\b" else "".join(both)
)


def pieces(least: int, most: int) -> st.SearchStrategy[str]:
    return st.lists(piece, min_size=least, max_size=most).map("".join)


secret = st.one_of(pieces(1, 3), st.tuples(pieces(1, 2), pieces(1, 2)).map("|".join))
behind = st.one_of(st.just(""), st.just(""), pieces(1, 1))
flags = st.sampled_from(("", "", "(?i)", "(?s)"))


def hidden(regex: str, text: str) -> str | None:
    """Return the text as the rule hides it, by Python's own engine; None where a match or a group is empty."""
    shown, kept = [], 0
    for found in re.compile(regex.encode()).finditer(text.encode()):
        begin, end = found.span("secret")
        if begin == end:
            return None
        shown.append(text[kept:begin])
        kept = end
    return re.sub(r"[*]+", "***", "***".join([*shown, text[kept:]]))


@settings(max_examples=CASES, deadline=None)
@given(flags, pieces(0, 4), secret, behind, st.text('ab="A ', min_size=1, max_size=24))
@example("", r"a=\"?", r"[^\"]+", "", 'a="b')
@example("", "a*", "a+", "", "aaaa")
@example("", "[ab=]+", "[ab]+", "", "ab=ba=ab")
@example("", "a*?", "(?:b|a)+", "", "aabba")
@example("(?i)", "a=", "A+", "", "A=aA")
@example("", r"\ba=", r"\S+", "", "a=b a=a")
@example("", "[^]b]=", "b|a", "", "]=b")
@example("", r"[^=]*\S", r"\b=*", "", "A=")
def test_the_group_is_where_backtracking_finds_it(flag: str, front: str, inside: str, after: str, text: str) -> None:
    regex = f"{flag}{front}(?P<secret>{inside}){after}"
    expected = hidden(regex, text)
    assume(expected is not None)
    try:
        masker = Masker([Rule("one", regex)])
    except AigateError:
        assume(False)
    assert masker.mask(text.encode()).decode() == expected, regex


def test_a_half_that_is_not_understood_is_not_asked_where_the_group_begins() -> None:
    """RE2 takes an escaped underline, and more steps than an automaton here has."""
    many = "".join(f"[^{letter}]{{0,1000}}?" for letter in "abc")
    for front, text, masked in (
        (r"\_?", b" k1234 ", b" *** "),
        (r"[\_]*", b"_k1234", b"_***"),
        (r"(?:user\_)?", b"user_k1234", b"user_***"),
        (many, b"k1234", b"***"),
    ):
        masker = Masker([Rule("one", f"{front}(?P<secret>[a-z]?[0-9]{{4}})")])
        assert masker.mask(text) == masked, front
