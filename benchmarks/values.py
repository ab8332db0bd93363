"""What known values cost: the masker with them and without, in turns, within one process.

`python benchmarks/values.py [--mebibytes N] [--rounds N] [--write FILE]`. Processor time from a file to /dev/null, the
best of the rounds, as a ratio to the same rules without values. Before anything is timed each value must be found in
some way of writing it, and the corpus must come out as it does without values.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import random
import string
import tempfile
import time

import machine
from corpus import CORPORA
from masker import seven_rules

from aigate import Masker, Rule
from aigate._masker import spellings
from aigate.masking.rules import preset_rules

MIB = 1 << 20
MANY = (0, 20, 200, 1_000, 10_000)
LENGTHS = (12, 16, 20, 24, 32, 40, 64)
RULES: dict[str, tuple[Rule, ...]] = {"7 rules": tuple(seven_rules()), "all presets": preset_rules("all")}


def values(many: int) -> list[str]:
    """Return random values, always the same."""
    dice = random.Random(many)
    letters = string.ascii_letters + string.digits
    return ["".join(dice.choice(letters) for _ in range(dice.choice(LENGTHS))) for _ in range(many)]


def masker(rules: tuple[Rule, ...], many: int) -> tuple[Masker, float]:
    """Return a masker that finds what it knows, and how many milliseconds its tables took."""
    known = values(many)
    started = time.process_time()
    made = Masker(rules, values=known)
    took = 1e3 * (time.process_time() - started)
    for value in known[:: max(1, many // 50)]:
        for spelling in spellings(value):
            shown = made.mask(b"<" + spelling + b">")
            assert shown == b"<***>", (value, spelling, shown)
    return made, took


def seconds(made: Masker, path: pathlib.Path, null: int) -> float:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        started = time.process_time()
        made.pump(descriptor, null)
        return time.process_time() - started
    finally:
        os.close(descriptor)


def table(name: str, rules: tuple[Rule, ...], folder: pathlib.Path, rounds: int) -> list[str]:
    """Return the ratios of one set of rules, as lines of Markdown."""
    made = {many: masker(rules, many) for many in MANY}
    lines = [f"| {name} | {' | '.join(f'{many:,} values' if many else 'none, MB/s' for many in MANY)} |"]
    lines.append("|---" * (len(MANY) + 1) + "|")
    null = os.open(os.devnull, os.O_WRONLY)
    for corpus in CORPORA:
        path = folder / corpus
        sample = path.read_bytes()[:MIB]
        plain = made[0][0].mask(sample)
        assert all(each.mask(sample) == plain for each, _ in made.values()), corpus
        best = dict.fromkeys(MANY, float("inf"))
        for _ in range(rounds):
            for many, (each, _) in made.items():
                best[many] = min(best[many], seconds(each, path, null))
        cells = [f"{path.stat().st_size / 1e6 / best[0]:.0f}", *(f"{best[0] / best[many]:.2f}" for many in MANY[1:])]
        lines.append(f"| {corpus} | {' | '.join(cells)} |")
    os.close(null)
    lines.append(f"| tables, ms | {' | '.join(f'{took:.1f}' for _, took in made.values())} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mebibytes", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for corpus, make in CORPORA.items():
            (folder / corpus).write_bytes(make(options.mebibytes * MIB))
        lines = [line for name, rules in RULES.items() for line in (*table(name, rules, folder, options.rounds), "")]
    load = f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} processors"
    load += f"; {options.mebibytes} MiB a corpus, best of {options.rounds}"
    text = "\n".join(["# What known values cost", "", f"{machine.describe()}\n{load}", "", *lines]).rstrip() + "\n"
    print(text)
    if options.write:
        options.write.write_text(text)


if __name__ == "__main__":
    main()
