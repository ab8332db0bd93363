"""A search finds exactly the bytes that masking would hide, with the same counts, however the input is cut."""

from __future__ import annotations

import masker_cases
import pytest
from choice import budget

from aigate import Masker, Rule
from aigate.errors import RuleError


def found(masker: Masker, data: bytes, size: int) -> tuple[bytes, list[tuple[int, ...]], dict[str, int]]:
    search = masker.search()
    all_of_it = []
    for at in range(0, len(data), size):
        all_of_it += search.feed(data[at : at + size])
    all_of_it += search.feed(b"", final=True)
    assert search.decided == len(data)
    out, at = b"", 0
    for first, begin, end, *_ in all_of_it:
        out += data[at:begin] + (b"***" if first else b"")
        at = end
    return out + data[at:], [one[3:] for one in all_of_it], search.counts


SHORT = budget(1 << 16, 1 << 16, 1 << 30)  # bytes that are given one by one
CASES = [case for case in masker_cases.CASES if case not in masker_cases.CLIPBOARD_CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case(case: masker_cases.Case) -> None:
    masker = case.masker()
    whole = found(masker, case.data, len(case.data) or 1)
    assert whole[0] == case.masked
    assert found(masker, case.data, 1 if len(case.data) <= SHORT else 1009)[0] == case.masked
    assert found(masker, case.data, 5)[2] == whole[2]


@pytest.mark.parametrize("case", masker_cases.CLIPBOARD_CASES, ids=lambda case: case.name)
def test_a_clipboard_that_holds_something_is_one_place(case: masker_cases.Case) -> None:
    replaced, places, counts = found(Masker(case.rules), case.data, len(case.data))
    assert len(places) == sum(counts.values()) == 1
    assert replaced.count(b"***") == 1
    assert replaced.split(b"***")[0] == case.data[: places[0][1] - 1]


def test_lines_and_columns() -> None:
    masker = Masker([Rule("x", "x+")])
    assert found(masker, "a\nbé xx\r\n\nx".encode(), 3)[1] == [(2, 4, 2, 6), (4, 1, 4, 2)]


PROPERTY = r"\pL{1000}"
CROSSING = ["a\\nb", "a\\s*\\r\\nb", "[\\r\\n]x", "\\n", "a\nb", "(?:a\\n|b\\r)c"]
WITHIN = ["a\\s+b", "x|a\\nb", "a\\n?b", "\\\\n", "(?s)a.b", "(?m)^a$", "[^a]b"]


@pytest.mark.parametrize("regex", CROSSING)
def test_a_pattern_that_can_only_match_across_lines_is_refused(regex: str) -> None:
    with pytest.raises(RuleError, match="can only match across lines"):
        Masker([Rule("own", regex)])


@pytest.mark.parametrize("regex", WITHIN)
def test_one_that_need_not_is_taken(regex: str) -> None:
    Masker([Rule("own", regex)])


@pytest.mark.parametrize("regex", ["k=(?P<secret>a+)-(?P<secret>b+)", r"(?P<secret>a)|\\\\(?P<secret>b)"])
def test_of_two_groups_named_secret_one_would_be_shown(regex: str) -> None:
    with pytest.raises(RuleError, match="more than one group named secret"):
        Masker([Rule("own", regex)])


def test_what_only_looks_like_such_a_group_is_none() -> None:
    masker = Masker([Rule("own", r"\(?P<secret>(?P<secret>a+)")])
    assert masker.mask(b"(P<secret>aa") == b"(P<secret>***"
    assert Masker([Rule("own", "(?P<secret>a+)(?P<other>b+)")]).mask(b"aabb") == b"***bb"


@pytest.mark.parametrize("regex", [rf"key{PROPERTY * 3}", r"key[\pL\pM\pN\pP]{900}", "key" + "[^a]{1000}" * 120])
def test_a_pattern_that_is_too_large_is_refused_before_it_is_used(regex: str) -> None:
    with pytest.raises(RuleError, match="pattern too large"):
        Masker([Rule("own", regex)])
