"""Every way of scanning that this processor has finds the same."""

import pathlib
import random

import pytest
from choice import SEED, budget
from corpus import dense
from masker_cases import CASES
from random_cases import random_input, random_rules

from aigate import Masker, Rule
from aigate._masker import scan_paths
from aigate.masking.rules import preset_rules

PATHS = scan_paths()
EVERY = budget(len(PATHS), 1, 1)
MANY = tuple(
    Rule(f"many-{number}", f"{word}_[0-9a-f]{{8,}}", 2) for number, word in enumerate("abcdefghijklmnopqrstuvwxyz")
)


def test_there_is_always_a_path_without_vectors() -> None:
    assert PATHS[-1] == "scalar"
    with pytest.raises(ValueError, match="no way of scanning"):
        Masker([]).scan_by("abacus")


def test_the_paths_are_those_that_the_kernel_says_the_processor_has() -> None:
    words = set(pathlib.Path("/proc/cpuinfo").read_text().split())
    needs = {"avx512": {"avx512bw", "avx512vl", "avx512vbmi", "avx2"}, "avx2": {"avx2"}, "ssse3": {"ssse3"}}
    assert [path for path in PATHS if path in needs] == [path for path in needs if needs[path] <= words]


def test_cases() -> None:
    """Each by each path; in the quick set, and with sanitizers, the paths take turns."""
    for number, case in enumerate(CASES):
        masker = case.masker()
        for path in PATHS[(number + SEED) % EVERY :: EVERY]:
            masker.scan_by(path)
            assert masker.mask(case.data) == case.masked, (case.name, path)
        masker.scan_by(PATHS[0])


@pytest.mark.parametrize("path", PATHS[:-1])
@pytest.mark.parametrize("rules", [preset_rules("openai"), preset_rules("all"), MANY], ids=["one", "all", "many"])
def test_agrees_with_scalar_on_random_input(path: str, rules: tuple[Rule, ...]) -> None:
    dice = random.Random(path)  # noqa: S311 - repeatable on purpose
    fast, slow = Masker(rules), Masker(rules)
    fast.scan_by(path)
    slow.scan_by("scalar")
    words = [rule.regex[:4].encode() for rule in rules] + [
        b"b_0123456789",
        b"sk-" + b"a1" * 20,
        b"\x1b[1m",
        b"\xc3\xa9",
        b"\n",
    ]
    for _ in range(budget(60, 300, 300)):
        data = b"".join(dice.choice(words) + b"x" * dice.randrange(20) + random_input(dice) for _ in range(40))
        assert fast.mask(data) == slow.mask(data)


@pytest.mark.parametrize("path", PATHS[:-1])
def test_agrees_with_scalar_on_random_rules(path: str) -> None:
    dice = random.Random(path)  # noqa: S311 - repeatable on purpose
    for _ in range(budget(40, 100, 400)):
        rules = random_rules(dice)
        fast, slow = Masker(rules), Masker(rules)
        fast.scan_by(path)
        slow.scan_by("scalar")
        data = b"".join(random_input(dice) for _ in range(30))
        assert fast.mask(data) == slow.mask(data), rules


@pytest.mark.parametrize("path", PATHS)
def test_a_secret_at_every_offset_of_a_block(path: str) -> None:
    masker = Masker(preset_rules("all"))
    masker.scan_by(path)
    for offset in range(200):
        assert masker.mask(b"." * offset + b"AKIAABCDEFGHIJKLMNOP") == b"." * offset + b"AKIA***"
    data = dense(1 << 20)
    reference = Masker(preset_rules("all"))
    reference.scan_by("scalar")
    assert masker.mask(data) == reference.mask(data)
