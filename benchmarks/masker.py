"""How fast `aigate mask` is as a whole command, start-up included, against `cat` and other ways to mask.

`python benchmarks/masker.py [--megabytes N] [--rounds N] [--slow] [--write FILE] [--plot FILE]`. All rivals take turns
within one run, on one core; medians, and ratios to `cat`. Before anything is timed, every rival must have hidden the
right number of secrets in a sample, and aigate's output must be what its path without vectors makes of the corpus.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import machine
from corpus import CORPORA

from aigate import Masker, Rule
from aigate.masking.rules import preset_rules

MIB = 1 << 20
SAMPLE = MIB // 2
SEVEN = ("openai", "anthropic", "aws_key", "aws_secret", "github", "bearer")
PASSWORD = r"(?:api_key|secret|password|passwd|token|credential)[\"']?\s*[=:]\s*(?:\"[^\"]*\"|'[^']*'|\S+)"
NAMES = ["alpha", "bravo", "carol", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"]
KINDS = ["live_", "test_", "key-", "pat_", "tok.", "sec-", "api:", "svc_", "bot-", "adm_"]
TWENTY = [f"{name}_{kind}[0-9a-f]{{16,}}" for name in NAMES for kind in KINDS[:2]]
HUNDREDS = [f"{name}{kind}[0-9A-Za-z]{{{size},}}" for name in NAMES for kind in KINDS for size in (16, 40)]
# What the rivals are given: the rules that the secrets of the corpora need, as one alternation.
ALTERNATION = (
    r"sk-ant-[A-Za-z0-9_-]{10,}|\bsk-[A-Za-z0-9_-]{20,}|(AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{30,}"
    r"|[Bb]earer +[A-Za-z0-9._~+/=-]{20,}|[Ss]ecret_?[Aa]ccess_?[Kk]ey *[=:] *[A-Za-z0-9/+]{40}"
    r"|github_pat_[A-Za-z0-9_]{22,}"
)
LINE_BY_LINE = """
import sys
try:
    import {module} as engine
    engine.set_fallback_notification(engine.FALLBACK_EXCEPTION)
except AttributeError:
    pass
sub = engine.compile({pattern!r}).sub
write = sys.stdout.buffer.write
for line in sys.stdin.buffer:
    write(sub(b"***", line))
"""


def aigate(*options: str) -> list[str]:
    return [str(pathlib.Path(sys.executable).parent / "aigate"), "mask", *options]


def seven() -> list[str]:
    return [*(f"--preset={name}" for name in SEVEN), "--pattern", PASSWORD, "-i"]


def rivals(slow: bool) -> dict[str, list[str]]:
    """Return the commands that are measured; each filters standard input."""
    found = {
        "cat": ["cat"],
        "aigate, 7 rules": aigate(*seven()),
        "aigate, all presets": aigate("--preset=all"),
        "aigate, all presets + 20": aigate("--preset=all", *(f"--pattern={regex}" for regex in TWENTY)),
        "aigate, 200 rules": aigate(*(f"--pattern={regex}" for regex in HUNDREDS)),
    }
    if shutil.which("rg"):
        ripgrep = ["rg", "--no-config", "--passthru", "-N", "-a", "-r", "***", ALTERNATION]
        found["ripgrep"] = ["sh", "-c", '"$@" || [ $? = 1 ]', "sh", *ripgrep]  # 1: nothing was found
    if slow:
        found["sed"] = ["sed", "-E", f"s#{ALTERNATION}#***#g"]
        for name, module in (("Python re", "re"), ("pyre2", "re2")):
            program = LINE_BY_LINE.format(module=module, pattern=ALTERNATION.encode())
            found[name] = [sys.executable, "-c", program]
    return found


def check(commands: dict[str, list[str]], name: str, path: pathlib.Path) -> None:
    """Raise AssertionError unless the rivals mask the sample, and aigate masks all of the corpus."""
    rules = [rule for preset in SEVEN for rule in preset_rules(preset)]
    masker = Masker([*rules, Rule("password", PASSWORD, case_insensitive=True)])
    masker.scan_by("scalar")
    stream = masker.stream()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(MIB):
            digest.update(stream.feed(block))
    digest.update(stream.flush())
    with path.open("rb") as file:
        output = subprocess.run(commands["aigate, 7 rules"], stdin=file, capture_output=True, check=True).stdout
    assert hashlib.sha256(output).digest() == digest.digest(), name
    sample = CORPORA[name](SAMPLE)
    expected = len(_found(sample))
    for rival, command in commands.items():
        if rival in {"aigate, 200 rules", "cat"}:
            continue
        output = subprocess.run(command, input=sample, capture_output=True, check=True).stdout
        assert output.count(b"***") >= expected, (rival, name)
        assert not _found(output), (rival, name)


def _found(data: bytes) -> list[bytes]:
    import re

    return re.findall(ALTERNATION.encode(), data)


def seconds(command: list[str], path: pathlib.Path, piped: bool) -> float:
    """Return what one run takes: file to /dev/null, or between two pipes with cat at either end.

    The first in processor time, start-up included, which other work on the machine disturbs less; the second in time.
    """
    with path.open("rb") as source, open(os.devnull, "wb") as null:
        begin = time.perf_counter()
        if not piped:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, stdin=source, stdout=null, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        with (
            subprocess.Popen(["cat"], stdin=source, stdout=subprocess.PIPE) as feeder,
            subprocess.Popen(command, stdin=feeder.stdout, stdout=subprocess.PIPE) as middle,
            subprocess.Popen(["cat"], stdin=middle.stdout, stdout=null) as drain,
        ):
            for pipe in (feeder.stdout, middle.stdout):
                assert pipe is not None
                pipe.close()
        assert feeder.returncode == middle.returncode == drain.returncode == 0
        return time.perf_counter() - begin


def measure(commands: dict[str, list[str]], path: pathlib.Path, rounds: int, piped: bool) -> dict[str, float]:
    """Return the median seconds of each rival; they take turns."""
    times: dict[str, list[float]] = {rival: [] for rival in commands}
    for _ in range(rounds):
        for rival, command in commands.items():
            times[rival].append(seconds(command, path, piped))
    return {rival: statistics.median(found) for rival, found in times.items()}


def table(title: str, results: dict[str, dict[str, float]], size: int) -> str:
    """Return a Markdown table: a row for each rival, megabytes a second and the ratio to cat for each corpus."""
    names = list(results)
    lines = [f"### {title}", "", "| MB/s (ratio to cat) | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for rival in results[names[0]]:
        cells = []
        for name in names:
            took = results[name][rival]
            cells.append(f"{size / took / 1e6:.0f} ({results[name]['cat'] / took:.2f})")
        lines.append(f"| {rival} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def plot(results: dict[str, dict[str, float]], size: int) -> str:
    """Return an SVG with a group of bars for each corpus."""
    names, names_of_rivals = list(results), list(next(iter(results.values())))
    most = max(size / seconds for found in results.values() for seconds in found.values()) / 1e6
    colours = ("#999999", "#1b6ca8", "#3f9fd8", "#7cc4ec", "#b7e0f7", "#c0504d", "#d99694", "#e6b8b7", "#f2dcdb")
    width, group = 16, (len(names_of_rivals) + 1) * 16
    head = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(names) * group + 60} 320" font-family="sans-serif"'
    parts = [f"<svg {head}>"]
    for row, rival in enumerate(names_of_rivals):
        parts.append(f'<rect x="60" y="{6 + 13 * row}" width="9" height="9" fill="{colours[row]}"/>')
        parts.append(f'<text x="74" y="{14 + 13 * row}" font-size="10">{rival}</text>')
    for column, name in enumerate(names):
        left = 40 + column * group
        parts.append(f'<text x="{left}" y="315" font-size="12">{name}</text>')
        for row, rival in enumerate(names_of_rivals):
            speed = size / results[name][rival] / 1e6
            tall = 180 * speed / most
            parts.append(
                f'<rect x="{left + row * width}" y="{300 - tall:.1f}" width="{width - 3}" height="{tall:.1f}" '
                f'fill="{colours[row]}"><title>{rival}, {name}: {speed:.0f} MB/s</title></rect>'
            )
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slow", action="store_true", help="measure sed, Python's re and pyre2 too")
    parser.add_argument("--write", type=pathlib.Path)
    parser.add_argument("--plot", type=pathlib.Path)
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    commands, size = rivals(options.slow), options.megabytes * MIB
    text = f"{machine.describe()}\n\n"
    to_null: dict[str, dict[str, float]] = {}
    through_pipes: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="aigate-bench-") as folder:
        for name, make in CORPORA.items():
            path = pathlib.Path(folder) / "corpus"
            path.write_bytes(make(size))
            check(commands, name, path)
            to_null[name] = measure(commands, path, options.rounds, piped=False)
            through_pipes[name] = measure(dict(list(commands.items())[:3]), path, options.rounds, piped=True)
    text += table(f"File to /dev/null, {options.megabytes} MiB, processor time", to_null, size) + "\n"
    text += table("Pipe to pipe, all processes on one core", through_pipes, size)
    print(text)
    if options.write:
        options.write.write_text(text)
    if options.plot:
        options.plot.write_text(plot(to_null, size))


if __name__ == "__main__":
    main()
