"""Which of its combinations of user, backend and network a test runs in, and how many random cases it gets.

AIGATE_TESTS names the set: `quick` (each case once, which combination being a matter of the seed), `pairs` (each case
with each user, each backend and each network once, or where it is one of many, with one of them in turn), `full` (the
whole product). AIGATE_SEED turns the choice: over a
few seeds every pair of a user, a backend and a network comes to every test. Pure; tests/conftest.py acts.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Hashable, Sequence

SETS = ("quick", "pairs", "full")
FEW = 4  # cases of a test, of which each has more than one combination in `pairs`
SET = os.environ.get("AIGATE_TESTS", "quick")
SEED = int(os.environ.get("AIGATE_SEED", "1"))
if SET not in SETS:
    raise SystemExit(f"AIGATE_TESTS: {SET} is none of {', '.join(SETS)}")


def budget(quick: int, pairs: int, full: int) -> int:
    """Return how many cases there are to be in the set that is run."""
    return dict(zip(SETS, (quick, pairs, full), strict=True))[SET]


def chosen(name: str, combinations: Sequence[tuple[Hashable, ...]], kind: str = SET, seed: int = SEED) -> list[int]:
    """Return the places of the combinations in which the test `name` runs: tuples of a user, a backend, and so on."""
    if kind == "full" or len(combinations) < 2:
        return list(range(len(combinations)))
    first = (zlib.crc32(name.encode()) + seed) % len(combinations)
    picked = [first]
    missing = _values(combinations) - _values([combinations[first]])
    while kind == "pairs" and missing:
        gains = [len(missing & _values([combination])) for combination in combinations]
        places = [place for place, gain in enumerate(gains) if gain == max(gains)]
        best = places[(first + len(picked)) % len(places)]
        picked.append(best)
        missing -= _values([combinations[best]])
    return sorted(picked)


def in_turn(name: str, place: int, combinations: int, seed: int = SEED) -> list[int]:
    """Return the one combination of a test's case number `place`, where its cases take turns (`takes_turns`).

    As many cases as there are combinations, one after the other, have every combination.
    """
    return [(zlib.crc32(name.encode()) + seed + place) % combinations]


def takes_turns(cases: int, combinations: int) -> bool:
    """Return whether a test has so many cases that each combination comes to some of them if each case has one."""
    return cases >= max(FEW, combinations)


def _values(combinations: Sequence[tuple[Hashable, ...]]) -> set[tuple[int, Hashable]]:
    return {pair for combination in combinations for pair in enumerate(combination)}
