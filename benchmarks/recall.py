"""What the presets find, and what they find where there is nothing: `python benchmarks/recall.py [--texts DIR ...]`.

Samples are drawn from the shapes that vendors document (shapes.tsv) and from the ways in which names and values are
written (keyvalues.py), each in the middle of something. A third of all samples and texts, by a fixed seed, is held out:
no rule was tuned on it, and its figures stand apart. Texts are the sources of this Python's standard library and of
what is installed beside it, without their tests; a hit there counts as wrong.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import os
import pathlib
import random
import sysconfig

import keyvalues
from samples import secret_of

from aigate import Masker
from aigate.masking.rules import preset_rules

SEED = "aigate 2026"
HERE = pathlib.Path(__file__).parent
EACH = 16  # samples of a shape
SHORTEST = 6  # so many letters of a secret in a row, and it is shown
CONTEXTS = (
    "{}", "export X={}", 'X: "{}"', '{{"a": "{}", "b": 1}}', "see {} there", "see {}.", "({})", "`{}`", "'{}',",
    "\x1b[32m{}\x1b[0m", "https://api.example.org/v1?x={}&page=2", "a\t{}\tb", "{},next", r'"log": "line\n{}\nnext"',
    "-H 'X-Any: {}'", "<v>{}</v>",
)  # fmt: skip
CODE_ENDINGS = tuple(".py .pyi .js .mjs .ts .json .md .rst .txt .yaml .yml .toml .cfg .h .c".split())  # noqa: SIM905
NOT_LOOKED_AT = ("test", "tests", "testing", "idlelib/idle_test", "__pycache__")


def held_out(key: str) -> bool:
    return hashlib.sha256(f"{SEED}:{key}".encode()).digest()[0] % 3 == 0


def shapes() -> list[tuple[str, str, str]]:
    lines = (HERE / "shapes.tsv").read_text().splitlines()
    parts = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return [(group, name, shape) for group, name, shape in parts]


def samples() -> list[tuple[str, str, str, str]]:
    """Return (group, what, line, secret)."""
    drawn = []
    for group, vendor, shape in shapes():
        dice = random.Random(f"{SEED}:{vendor}")
        for number in range(EACH):
            text, secret = secret_of(shape, dice)
            drawn.append((group, vendor, CONTEXTS[number % len(CONTEXTS)].format(text), secret))
    dice = random.Random(SEED)
    drawn += [("key_value", form, line, secret) for form, line, secret in keyvalues.lines(dice)]
    return drawn


def is_hidden(secret: str, masked: str) -> bool:
    return not any(secret[at : at + SHORTEST] in masked for at in range(max(1, len(secret) - SHORTEST + 1)))


def recall(masker: Masker, *, held: bool) -> tuple[dict[str, list[int]], list[tuple[str, str, str]]]:
    """Return by group how many samples are hidden, and of how many; and those that are not."""
    found: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    missed = []
    for group, what, line, secret in samples():
        if held_out(line) != held:
            continue
        masked = masker.mask(line.encode()).decode()
        good = is_hidden(secret, masked)
        found[group][0] += good
        found[group][1] += 1
        if not good:
            missed.append((what, line, masked))
    return found, missed


def texts(folders: list[str]) -> list[str]:
    found = []
    for folder in folders:
        for path, inside, files in os.walk(folder):
            inside[:] = sorted(name for name in inside if name not in NOT_LOOKED_AT)
            found += [os.path.join(path, name) for name in sorted(files) if name.endswith(CODE_ENDINGS)]
    return found


def wrong(masker: Masker, folders: list[str], *, held: bool) -> tuple[int, collections.Counter[str], list[str]]:
    """Return the bytes looked at, what each rule hid there, and the lines."""
    size, counts, lines = 0, collections.Counter[str](), []
    for path in texts(folders):
        if held_out(os.path.basename(path)) != held:
            continue
        with open(path, "rb") as file:
            data = file.read()
        stream = masker.stream()
        masked = stream.feed(data) + stream.flush()
        size += len(data)
        counts.update(stream.counts)
        if masked != data:
            lines += changed(path, data, masked)
    return size, counts, lines


def changed(path: str, data: bytes, masked: bytes) -> list[str]:
    pairs = zip(data.split(b"\n"), masked.split(b"\n"), strict=True)
    return [
        f"{path}:{number}: {was[:200]!r} -> {now[:200]!r}" for number, (was, now) in enumerate(pairs, 1) if was != now
    ]


def rate(hits: int, size: int) -> str:
    return f"{hits} in {size / 1e6:.1f} MB ({hits * 1e6 / max(size, 1):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", nargs="*", default=[sysconfig.get_paths()["stdlib"]], help="folders of real texts")
    parser.add_argument("--preset", nargs="*", default=["all"])
    parser.add_argument(
        "--show", action="store_true", help="print what is missed and wrong, but not of what is held out"
    )
    chosen = parser.parse_args()
    masker = Masker([rule for name in chosen.preset for rule in preset_rules(name)])
    seen, missed = recall(masker, held=False)
    apart, _ = recall(masker, held=True)
    print(f"| {'samples hidden':<20} | for tuning | held out |\n|---|---|---|")
    for group in seen:
        pairs = [seen[group], apart[group]]
        print(f"| {group:<20} | " + " | ".join(f"{good} of {all_} ({good / all_:.1%})" for good, all_ in pairs) + " |")
    code = [line for line in keyvalues.CODE if held_out(line)], [line for line in keyvalues.CODE if not held_out(line)]
    touched = [[line for line in half if masker.mask(line.encode()) != line.encode()] for half in code]
    print(f"| lines of code touched | {len(touched[1])} of {len(code[1])} | {len(touched[0])} of {len(code[0])} |")
    size, counts, lines = wrong(masker, chosen.texts, held=False)
    size_apart, counts_apart, _ = wrong(masker, chosen.texts, held=True)
    rates = [
        f"{sum(c.values())} in {s / 1e6:.1f} MB ({sum(c.values()) * 1e6 / max(s, 1):.2f})"
        for s, c in ((size, counts), (size_apart, counts_apart))
    ]
    print(f"| wrong hits per MB | {rates[0]} | {rates[1]} |")
    print("by rule:", dict((counts + counts_apart).most_common(12)))
    if chosen.show:
        print(*(f"missed: {what}: {line!r} -> {masked!r}" for what, line, masked in missed), sep="\n")
        print(*(f"touched: {line}" for line in touched[1]), sep="\n")
        print(*lines, sep="\n")


if __name__ == "__main__":
    main()
