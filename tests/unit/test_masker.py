"""Every case of the table through every way into the masker."""

import os
import random
import subprocess
import sys
import threading

import pytest
from choice import budget
from masker_cases import CASES, Case
from reference import mask as reference_mask

from aigate import Masker, Rule
from aigate.masking.presets import PRESETS
from aigate.masking.rules import preset_rules

CASES_OF_A_LINE = [case for case in CASES if case.max_line is None]
LARGE = 100_000


def every(cases: list[Case] | tuple[Case, ...]) -> pytest.MarkDecorator:
    names = [f"{number} {case.name}".encode("ascii", "backslashreplace").decode() for number, case in enumerate(cases)]
    return pytest.mark.parametrize("case", cases, ids=names)


def streamed(masker: Masker, data: bytes, size: int) -> bytes:
    stream = masker.stream()
    return b"".join(stream.feed(data[at : at + size]) for at in range(0, len(data), size)) + stream.flush()


def pumped(masker: Masker, data: bytes) -> bytes:
    """Return what `pump` makes of data, through two pipes."""
    source, sink = os.pipe(), os.pipe()

    def write() -> None:
        with open(source[1], "wb") as file:
            file.write(data)

    def pump() -> None:
        masker.pump(source[0], sink[1])
        os.close(sink[1])
        os.close(source[0])

    threads = [threading.Thread(target=work) for work in (write, pump)]
    for thread in threads:
        thread.start()
    with open(sink[0], "rb") as file:
        result = file.read()
    for thread in threads:
        thread.join()
    return result


def options_for(case: Case) -> list[str]:
    """Return the options of `aigate mask` that stand for the rules of a case."""
    options = []
    for rule in case.rules:
        if rule.name in PRESETS:
            options += ["--preset", rule.name]
        else:
            options += ["--pattern", rule.regex, "--show-prefix", str(rule.show_prefix)]
            options += ["-i"] if rule.case_insensitive else []
    return options


def test_the_table_is_large_enough() -> None:
    assert len(CASES) >= 150


@every(CASES)
def test_mask(case: Case) -> None:
    assert case.masker().mask(case.data) == case.masked


@every(CASES)
def test_stream(case: Case) -> None:
    for size in (1, 2, 3, 7) if len(case.data) < LARGE else (4093, 70_000):
        assert streamed(case.masker(), case.data, size) == case.masked


@every(CASES)
def test_stream_in_random_pieces(case: Case) -> None:
    dice = random.Random(case.name)  # noqa: S311 - repeatable on purpose
    for _ in range(5):
        stream, at, masked = case.masker().stream(), 0, b""
        while at < len(case.data):
            size = dice.randrange(1, 12 if len(case.data) < LARGE else 200_000)
            masked += stream.feed(case.data[at : at + size])
            at += size
        assert masked + stream.flush() == case.masked


@every(CASES)
def test_pump(case: Case) -> None:
    assert pumped(case.masker(), case.data) == case.masked


# A process for each: the table itself is tried by the tests above. A pattern of one's own has no line below.
@every(
    [case for case in CASES_OF_A_LINE if case.rules and not any(rule.below for rule in case.rules[:1])][
        :: budget(12, 4, 1)
    ]
)
def test_command(case: Case) -> None:
    command = [sys.executable, "-m", "aigate", "mask", *options_for(case)]
    done = subprocess.run(command, input=case.data, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (case.masked, b"")


@every([case for case in CASES_OF_A_LINE if len(case.data) < LARGE])
def test_the_reference_agrees_with_the_table(case: Case) -> None:
    assert reference_mask(case.rules, case.data)[0] == case.masked


def test_a_long_line_does_not_make_the_next_one_forgotten() -> None:
    """What is known of a line further on, when a rule that is swept has a match on a long line before it, is kept."""
    rules = [Rule("letters", "[a-z]+"), Rule("key", "AKIA[A-Z0-9]{16}", 4)]
    text = b"x" * 100 + b"\nAKIAIOSFODNN7EXAMPLE\n"
    assert Masker(rules, max_line=40).mask(text) == b"***\nAKIA***\n"


def test_lines_behind_one_that_is_too_long_for_a_window() -> None:
    key = b"ghp_" + b"a1B2c3D4e5" * 4
    masker = Masker(preset_rules("github"), max_line=1 << 20)
    lines = [b"lorem ipsum " * 300_000 + key + b" end\n", b"x\n", b"then " + key + b"\n", b"y\n", key + b"\n"]
    assert masker.mask(b"".join(lines)) == b"".join(masker.mask(line) for line in lines)
    assert masker.mask(b"".join(lines)).count(b"ghp_***") == 3
