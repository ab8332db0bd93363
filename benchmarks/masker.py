"""How fast `aigate mask` is as a whole command, start-up included, against `cat` and other ways to mask.

`python benchmarks/masker.py [--mebibytes N] [--rounds N] [--slow] [--write FILE] [--plot FILE]`. All rivals take turns
within one run, on one core, in the last table on all of them; medians of processor time and of time, and ratios to
`cat`. Before anything is timed, every rival must have hidden the right number of secrets in a sample, and aigate's
output must be what its path without vectors makes of the corpus. Hyperscan hides nothing, it finds and counts:
hyperscan.c is compiled where its library is installed (Debian: libhyperscan-dev). RE2 alone, re2_blocks.cpp, knows no
lines. `--slow` adds sed, Python's re and pyre2, on a smaller file.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import math
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from typing import IO

import machine
from corpus import CORPORA

from aigate import Masker, Rule
from aigate.masking.rules import preset_rules

MIB = 1 << 20
SAMPLE = MIB // 2
SLOW = 16 * MIB  # for rivals that would take minutes
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


@dataclasses.dataclass(frozen=True)
class Rival:
    """A command that filters standard input, and how much of a corpus it is given. hides: it masks what it finds."""

    command: list[str]
    slow: bool = False
    hides: bool = True


def rivals(slow: bool, folder: pathlib.Path) -> dict[str, Rival]:
    """Return what is measured, cat first."""
    found = {
        "cat": Rival(["cat"], hides=False),
        "aigate, 7 rules": Rival(aigate(*seven())),
        "aigate, all presets": Rival(aigate("--preset=all")),
        "aigate, all presets + 20": Rival(aigate("--preset=all", *(f"--pattern={regex}" for regex in TWENTY))),
        "aigate, 200 rules": Rival(aigate(*(f"--pattern={regex}" for regex in HUNDREDS)), hides=False),
    }
    if program := compiled("hyperscan.c", folder, "-lhs"):
        found["Hyperscan, finding only"] = Rival([program, *expressions()], hides=False)
    if program := compiled("re2_blocks.cpp", folder, "-lre2"):
        found["RE2 over blocks of 1 MiB"] = Rival([program, ALTERNATION])
    if shutil.which("rg"):
        ripgrep = ["rg", "--no-config", "--passthru", "-N", "-a", "-r", "***", ALTERNATION]
        found["ripgrep"] = Rival(["sh", "-c", '"$@" || [ $? = 1 ]', "sh", *ripgrep])  # 1: nothing was found
    if slow:
        found["sed"] = Rival(["sed", "-E", f"s#{ALTERNATION}#***#g"], slow=True)
        for name, module in (("Python re", "re"), ("pyre2", "re2")):
            program = LINE_BY_LINE.format(module=module, pattern=ALTERNATION.encode())
            found[name] = Rival([sys.executable, "-c", program], slow=True)
    return found


def seven_rules() -> list[Rule]:
    rules = [rule for preset in SEVEN for rule in preset_rules(preset)]
    return [*rules, Rule("password", PASSWORD, case_insensitive=True)]


def expressions() -> list[str]:
    """Return the seven rules for hyperscan.c, which knows no names of groups."""
    return [("i" if rule.case_insensitive else "-") + rule.regex.replace("?P<secret>", "") for rule in seven_rules()]


def compiled(name: str, folder: pathlib.Path, library: str) -> str | None:
    """Compile a rival of this folder; None where there is no compiler or no library."""
    program = folder / name.partition(".")[0]
    source = pathlib.Path(__file__).with_name(name)
    compiler = shutil.which("c++" if source.suffix == ".cpp" else "cc")
    if compiler is None:
        return None
    built = subprocess.run([compiler, "-O2", source, library, "-o", program], capture_output=True, check=False)
    return str(program) if built.returncode == 0 else None


def check(found: dict[str, Rival], name: str, path: pathlib.Path) -> None:
    """Raise AssertionError unless the rivals mask the sample, and aigate masks all of the corpus."""
    masker = Masker(seven_rules())
    masker.scan_by("scalar")
    stream = masker.stream()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(MIB):
            digest.update(stream.feed(block))
    digest.update(stream.flush())
    with path.open("rb") as file:
        output = subprocess.run(found["aigate, 7 rules"].command, stdin=file, capture_output=True, check=True).stdout
    assert hashlib.sha256(output).digest() == digest.digest(), name
    sample = CORPORA[name](SAMPLE)
    expected = len(_found(sample))
    for rival, entry in found.items():
        output = subprocess.run(entry.command, input=sample, capture_output=True, check=True).stdout
        if rival.startswith("Hyperscan"):
            assert int(output) >= expected, (rival, name)  # it reports every end of a match
        if entry.hides:
            assert output.count(b"***") >= expected, (rival, name)
            assert not _found(output), (rival, name)


def _found(data: bytes) -> list[bytes]:
    import re

    return re.findall(ALTERNATION.encode(), data)


@dataclasses.dataclass(frozen=True)
class Time:
    """Seconds of processor time, which other work on the machine disturbs less, and of time."""

    processor: float
    clock: float


def run(command: list[str], path: pathlib.Path, piped: bool = False) -> Time:
    """Return what one run takes, start-up included: file to /dev/null, or between pipes with cat at either end."""
    with path.open("rb") as source, open(os.devnull, "wb") as null:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begin = time.perf_counter()
        if piped:
            _run_between_pipes(command, source, null)
        else:
            subprocess.run(command, stdin=source, stdout=null, check=True)
        clock = time.perf_counter() - begin
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Time(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, clock)


def _run_between_pipes(command: list[str], source: IO[bytes], null: IO[bytes]) -> None:
    with (
        subprocess.Popen(["cat"], stdin=source, stdout=subprocess.PIPE) as feeder,
        subprocess.Popen(command, stdin=feeder.stdout, stdout=subprocess.PIPE) as middle,
        subprocess.Popen(["cat"], stdin=middle.stdout, stdout=null) as drain,
    ):
        for pipe in (feeder.stdout, middle.stdout):
            assert pipe is not None
            pipe.close()
    assert feeder.returncode == middle.returncode == drain.returncode == 0


def measure(
    found: dict[str, Rival], paths: dict[bool, pathlib.Path], rounds: int, piped: bool = False
) -> dict[str, Time]:
    """Return the medians of each rival for a MiB; they take turns."""
    times: dict[str, list[Time]] = {rival: [] for rival in found}
    for turn in range(rounds):
        for rival, entry in found.items():
            if turn < 2 or not entry.slow:
                times[rival].append(run(entry.command, paths[entry.slow], piped))
    results = {}
    for rival, taken in times.items():
        size = paths[found[rival].slow].stat().st_size / MIB
        results[rival] = Time(
            statistics.median(one.processor for one in taken) / size,
            statistics.median(one.clock for one in taken) / size,
        )
    return results


def table(title: str, results: dict[str, dict[str, float]]) -> str:
    """Return a Markdown table: a row for each rival, megabytes a second and the ratio to cat for each corpus."""
    names = list(results)
    lines = [f"### {title}", "", "| MB/s (ratio to cat) | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for rival in results[names[0]]:
        cells = []
        for name in names:
            took = results[name][rival]
            cells.append(f"{MIB / took / 1e6:.0f} ({results[name]['cat'] / took:.2f})")
        lines.append(f"| {rival} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def plot(results: dict[str, dict[str, float]]) -> str:
    """Return an SVG with a group of bars for each corpus, on a logarithmic scale from 10 MB/s."""
    names, names_of_rivals = list(results), list(next(iter(results.values())))
    colours = "#999999 #1b6ca8 #3f9fd8 #7cc4ec #b7e0f7 #e08214 #f5b96b #c0504d #d99694 #e6b8b7 #f2dcdb".split()  # noqa: SIM905
    bar, top, bottom, left = 13, 150, 400, 46
    group = (len(names_of_rivals) + 1) * bar
    head = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(names) * group + left} 425" font-family="sans-serif"'
    parts = [f"<svg {head}>", '<rect width="100%" height="100%" fill="white"/>']
    for row, rival in enumerate(names_of_rivals):
        parts.append(f'<rect x="{left}" y="{6 + 13 * row}" width="9" height="9" fill="{colours[row]}"/>')
        parts.append(f'<text x="{left + 14}" y="{14 + 13 * row}" font-size="10">{rival}</text>')

    def level(speed: float) -> float:
        return bottom - (bottom - top) * (math.log10(max(speed, 10)) - 1) / 3.5

    for mark in (10, 100, 1000, 10000):
        y = level(mark)
        parts.append(f'<path d="M{left} {y:.1f}H{len(names) * group + left}" stroke="#cccccc"/>')
        parts.append(f'<text x="{left - 4}" y="{y + 3:.1f}" font-size="10" text-anchor="end">{mark}</text>')
    parts.append(f'<text x="{left - 4}" y="{top - 4}" font-size="10" text-anchor="end">MB/s</text>')
    for column, name in enumerate(names):
        x = left + 6 + column * group
        parts.append(f'<text x="{x}" y="{bottom + 16}" font-size="12">{name}</text>')
        for row, rival in enumerate(names_of_rivals):
            speed = MIB / results[name][rival] / 1e6
            y = level(speed)
            parts.append(
                f'<rect x="{x + row * bar}" y="{y:.1f}" width="{bar - 2}" height="{bottom - y:.1f}" '
                f'fill="{colours[row]}"><title>{rival}, {name}: {speed:.0f} MB/s</title></rect>'
            )
    return "\n".join([*parts, "</svg>", ""])


def by(results: dict[str, dict[str, Time]], kind: str) -> dict[str, dict[str, float]]:
    return {name: {rival: getattr(took, kind) for rival, took in found.items()} for name, found in results.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mebibytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slow", action="store_true", help="measure sed, Python's re and pyre2 too")
    parser.add_argument("--write", type=pathlib.Path)
    parser.add_argument("--plot", type=pathlib.Path)
    options = parser.parse_args()
    processors = os.sched_getaffinity(0)
    size = options.mebibytes * MIB
    text = f"{machine.describe()}\n\n"
    to_null: dict[str, dict[str, Time]] = {}
    through_pipes: dict[str, dict[str, Time]] = {}
    side_by_side: dict[str, dict[str, Time]] = {}
    with tempfile.TemporaryDirectory(prefix="aigate-bench-") as folder:
        found = rivals(options.slow, pathlib.Path(folder))
        paths = {slow: pathlib.Path(folder) / f"corpus-{slow}" for slow in (False, True)}
        for name, make in CORPORA.items():
            paths[False].write_bytes(make(size))
            paths[True].write_bytes(make(SLOW))
            os.sched_setaffinity(0, {max(processors)})
            check(found, name, paths[False])
            to_null[name] = measure(found, paths, options.rounds)
            quick = {rival: found[rival] for rival in list(found)[:3]}
            through_pipes[name] = measure(quick, paths, options.rounds, piped=True)
            os.sched_setaffinity(0, processors)
            side_by_side[name] = measure(quick, paths, options.rounds, piped=True)
    text += table(f"File to /dev/null, {options.mebibytes} MiB, processor time", by(to_null, "processor")) + "\n"
    text += table("The same, time", by(to_null, "clock")) + "\n"
    text += table("Pipe to pipe, all processes on one core, time", by(through_pipes, "clock")) + "\n"
    text += table(f"The same on {len(processors)} cores, time", by(side_by_side, "clock"))
    print(text)
    if options.write:
        options.write.write_text(text)
    if options.plot:
        options.plot.write_text(plot(by(to_null, "processor")))


if __name__ == "__main__":
    main()
