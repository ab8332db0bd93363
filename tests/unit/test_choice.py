"""The choice of combinations: no test is lost, and nothing that a set promises."""

from __future__ import annotations

import itertools

import pytest
from choice import chosen, in_turn, takes_turns

PLACES = list(itertools.product(("root", "user"), ("bwrap", "unshare"), ("slirp", "gateway")))
NAMES = [f"test_{number}" for number in range(50)]


def test_quick_runs_each_test_once_and_every_combination_somewhere() -> None:
    picked = [chosen(name, PLACES, "quick", 1) for name in NAMES]
    assert {len(places) for places in picked} == {1}
    assert {place for (place,) in picked} == set(range(len(PLACES)))


@pytest.mark.parametrize("seed", range(3))
def test_pairs_runs_each_test_with_each_value_and_every_pair_somewhere(seed: int) -> None:
    seen = set()
    for name in NAMES:
        rows = [PLACES[place] for place in chosen(name, PLACES, "pairs", seed)]
        assert len(rows) == 2
        assert all(len(set(values)) == 2 for values in zip(*rows, strict=True))
        seen |= {pair for row in rows for pair in itertools.combinations(row, 2)}
    assert seen == {pair for row in PLACES for pair in itertools.combinations(row, 2)}


def test_every_combination_comes_to_every_test_over_the_seeds() -> None:
    assert {place for seed in range(8) for place in chosen("x", PLACES, "quick", seed)} == set(range(8))


@pytest.mark.parametrize("seed", range(3))
def test_cases_that_take_turns_have_every_combination_and_each_case_has_each_of_them_over_the_seeds(seed: int) -> None:
    for count in range(2, 9):
        cases = range(max(4, count))
        assert takes_turns(len(cases), count)
        assert not takes_turns(len(cases) - 1, count)
        assert {place for case in cases for place in in_turn("x", case, count, seed)} == set(range(count))
    assert {place for seed in range(8) for place in in_turn("x", 3, 8, seed)} == set(range(8))


@pytest.mark.parametrize("kind", ["quick", "pairs", "full"])
def test_nothing_is_lost(kind: str) -> None:
    for count in range(1, 9):
        assert chosen("x", PLACES[:count], kind, 7)
    assert chosen("x", PLACES, "full", 7) == list(range(8))
