"""The masker's inner parts, one by one: `python -m pytest benchmarks --benchmark-columns=median,ops`.

Not part of `make test`. Each benchmark asserts its result before it is timed; a part is named for what it is given.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from corpus import CORPORA
from masker import HUNDREDS, seven_rules

from aigate import Masker, Rule
from aigate._masker import scan_paths
from aigate.masking.rules import preset_rules

SIZE = 1 << 20
RULES = {
    "no rules": (),
    "one literal": (Rule("one", "zyzzyva_[0-9]+"),),
    "7 rules": tuple(seven_rules()),
    "all presets": preset_rules("all"),
    "200 rules": tuple(Rule(f"rule {number}", regex) for number, regex in enumerate(HUNDREDS)),
    "no literal": (Rule("digits", "[0-9]{16}"),),
}
LINES = {
    "a clean line": b"tests/unit/test_queue.py::test_worker_is_kept[181] PASSED   [ 42%]\n",
    "a secret": b"export KEY=sk-ant-api03-EXAMPLEexample0123456789EXAMPLE\n",
    "a coloured secret": b"export KEY=\x1b[31msk-ant-api03-EXAMPLEexample\x1b[1m0123456789EXAMPLE\x1b[0m\n",
    "a near miss": b"the password field and the secret token of the session are validated twice\n",
}


def once(masker: Masker, data: bytes) -> bytes:
    stream = masker.stream()
    return stream.feed(data) + stream.flush()


@pytest.mark.parametrize("corpus", CORPORA)
@pytest.mark.parametrize("rules", RULES)
def test_a_mebibyte(benchmark: Callable[..., bytes], rules: str, corpus: str) -> None:
    masker, plain = Masker(RULES[rules]), Masker(RULES[rules])
    plain.scan_by("scalar")
    data = CORPORA[corpus](SIZE)
    assert once(masker, data) == once(plain, data)
    benchmark(once, masker, data)


@pytest.mark.parametrize("path", scan_paths())
def test_ways_of_scanning(benchmark: Callable[..., bytes], path: str) -> None:
    masker = Masker(seven_rules())
    masker.scan_by(path)
    data = CORPORA["clean"](SIZE)
    assert once(masker, data) == data
    benchmark(once, masker, data)


@pytest.mark.parametrize("line", LINES)
def test_a_line(benchmark: Callable[..., bytes], line: str) -> None:
    stream = Masker(seven_rules()).stream()
    data = LINES[line]
    assert (b"EXAMPLE" in data) == (b"***" in stream.feed(data))
    benchmark(stream.feed, data)


@pytest.mark.parametrize("rules", RULES)
def test_making_a_masker_and_its_first_line(benchmark: Callable[..., bytes], rules: str) -> None:
    def make() -> bytes:
        return Masker(RULES[rules]).mask(LINES["a clean line"])

    assert make() == LINES["a clean line"]
    benchmark(make)
