"""What large sets of other tools' rules cost: a start's time and memory, and how fast a clean log is masked.

The rules are made here: patterns of the same structure as the sets' (a fixed beginning and a class; a vendor's name, a
few bytes, an assignment and a class; names behind `.{0,n}`), with names that are drawn. Nothing is copied.
`python benchmarks/foreign.py [--mebibytes N]`. Each set runs in a process of its own; what it lets through is checked.
Where the library of Hyperscan is installed (Debian: libhyperscan-dev), it finds the same rules in the same text beside
(hyperscan.c, in streaming mode).
"""

from __future__ import annotations

import argparse
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import machine
from corpus import CORPORA
from masker import compiled

from aigate import Masker, Rule

BLOCK = 128 << 10
CLASSES = (
    "[a-z0-9]{32}",
    "[0-9a-f]{40}",
    "[A-Za-z0-9_-]{43}",
    "[a-zA-Z0-9]{20}",
    "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
    "[A-Z0-9]{24}",
)
CONSONANTS, VOWELS, ENDS = "bcdfgklmnprstvz", "aeiou", ("", "n", "r", "ly", "io")
ASSIGNED = r"""(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[\x60'"\s=]{0,5}"""
BEHIND = r"""(?:[\x60'"\s;]|\\[nr]|$)"""


def vendor(dice: random.Random) -> str:
    """Return a name that no vendor has, most likely."""
    syllables = [dice.choice(CONSONANTS) + dice.choice(VOWELS) for _ in range(dice.randint(2, 4))]
    return "".join(syllables) + dice.choice(ENDS)


def prefixed(dice: random.Random) -> str:
    """Return a rule with a fixed beginning."""
    beginning = vendor(dice)[: dice.randint(2, 5)] + dice.choice(("_", "-", "_live_", ".v1."))
    return rf"\b({beginning}{dice.choice(CLASSES)}){BEHIND}"


def assigned(dice: random.Random) -> str:
    """Return a rule by a vendor's name, an assignment and a class."""
    return rf"(?i)[\w.-]{{0,50}}?(?:{vendor(dice)}){ASSIGNED}({dice.choice(CLASSES)}){BEHIND}"


def near(dice: random.Random) -> str:
    """Return a rule by a vendor's name and a class not far behind it."""
    names = "(?:SECRET|PRIVATE|ACCESS|KEY|TOKEN)"
    return rf"(?i)\b{vendor(dice)}\b(?:.){{0,32}}?{names}(?:.){{0,64}}?\b({dice.choice(CLASSES)})\b"


def spelled(dice: random.Random) -> str:
    """Return a rule by a name and a class in one of the older sets' ways."""
    between = r"""(?:[0-9a-zA-Z\-_\t .]{0,20})(?:[\s|']|[\s|"]){0,3}(?:=|>|:=|\|\|:|<=|=>|:)(?:'|"|\s|=|\x60){0,5}"""
    return rf"(?:{vendor(dice)}){between}({dice.choice(CLASSES)})"


def quoted(dice: random.Random) -> str:
    """Return a rule by a quoted name."""
    name = vendor(dice) + "[_-]?" + dice.choice(("token", "key", "secret", "api[_-]?key"))
    return rf"""[\"']?{name}[\"']?[^\S\r\n]*[=:][^\S\r\n]*[\"']?[\w-]+[\"']?"""


SETS: dict[str, tuple[int, list[Callable[[random.Random], str]]]] = {
    "gitleaks' kind": (221, [assigned, assigned, prefixed]),
    "noseyparker's kind": (189, [near, prefixed, prefixed]),
    "betterleaks' kind": (411, [assigned, prefixed]),
    "kingfisher's kind": (749, [near, near, prefixed]),
    "secrets-patterns-db's kind": (1610, [spelled, quoted, assigned]),
}


def rules_of(name: str) -> list[Rule]:
    """Return the rules of a set, always the same."""
    count, makers = SETS[name]
    dice = random.Random(name)
    return [Rule(f"{name} {number}", dice.choice(makers)(dice)) for number in range(count)]


def measure(name: str, mebibytes: int) -> str:
    """Return a line on one set, measured in this process."""
    text = CORPORA["clean"](mebibytes << 20)
    rules = rules_of(name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    masker = Masker(rules)
    masker.mask(text[:BLOCK])  # behind which all is prepared that makes it fast
    start = time.process_time() - start
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    rates = []
    for _ in range(3):
        stream = masker.stream()
        spent = time.process_time()
        out = sum(len(stream.feed(text[at : at + BLOCK])) for at in range(0, len(text), BLOCK)) + len(stream.flush())
        rates.append(len(text) / 1e6 / (time.process_time() - spent))
        if not any(stream.counts.values()) and out != len(text):
            raise SystemExit(f"{name}: {len(text)} bytes became {out}")
    return f"| {name} | {len(rules)} | {start * 1e3:.0f} | {memory:.0f} | {rates[0]:.0f} | {max(rates):.0f} |"


def rival(program: str, name: str, mebibytes: int) -> str:
    """Return what Hyperscan takes to compile a set, in ms, and how fast it finds in MB/s, as two columns."""
    text = CORPORA["clean"](mebibytes << 20)
    command = [program, "timed", *("-" + rule.regex for rule in rules_of(name))]
    made = subprocess.run(command, input=text, capture_output=True, check=False)
    if made.returncode:
        return "| | "
    _, start, scan = (int(number) for number in made.stdout.split())
    return f"| {start / 1e6:.0f} | {len(text) * 1e3 / scan:.0f} "


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mebibytes", type=int, default=16)
    parser.add_argument("--only", choices=list(SETS))
    arguments = parser.parse_args()
    if arguments.only:
        print(measure(arguments.only, arguments.mebibytes))
        return
    print(machine.describe())
    print(
        "\n| rules | | start, ms | MiB more | MB/s, first | MB/s, best | Hyperscan's start | MB/s |\n"
        + "|---" * 8
        + "|"
    )
    with tempfile.TemporaryDirectory() as folder:
        program = compiled("hyperscan.c", pathlib.Path(folder), "-lhs")
        for name in SETS:
            command = [sys.executable, __file__, "--only", name, "--mebibytes", str(arguments.mebibytes)]
            ours = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
            print(
                ours + (rival(program, name, arguments.mebibytes) if program else "| | ").removeprefix("|") + "|",
                flush=True,
            )


if __name__ == "__main__":
    main()
