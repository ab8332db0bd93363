"""What searching a project costs, against find(1), which looks for one name, and ripgrep's list of files.

`python benchmarks/walk.py [--rounds N] [--trees NAMES] [--write FILE]`. Each search must first have found what find
found. All rivals take turns within one round, with warm caches; medians of the time that passed and of the processor
time, and ratios to find's. The search runs in this process, as `aigate run` calls it, and find in one of its own, whose
start (about a millisecond) counts. TMPDIR says where the trees are made, one after the other.
"""

from __future__ import annotations

import argparse
import functools
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable

import machine

from aigate.config.load import default_layer
from aigate.config.model import Entry
from aigate.policy.patterns import parse_patterns
from aigate.policy.walk import Found, find_paths

ENDINGS = ("js", "ts", "json", "md", "py", "map", "txt", "d.ts", "css", "yaml")
TEN = (
    ".env",
    ".env.*",
    "*.pem",
    "*.key",
    "secrets/",
    "config/*.local",
    "**/id_rsa*",
    "deploy/**/token",
    "*.p12",
    "x?z",
)
MORE = tuple(
    text
    for number in range(38)
    for text in (f"*.s{number}", f"name-{number}-*", f"a{number}/**/b*", f"*zone{number}*", f"k{number}/")
)
Patterns = tuple[str, ...]


def touch(path: str) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))


def files(directory: str, count: int, first: int = 0) -> None:
    os.makedirs(directory, exist_ok=True)
    for number in range(first, first + count):
        touch(f"{directory}/file_{number}.{ENDINGS[number % len(ENDINGS)]}")


def many_directories(root: str) -> None:
    """300,000 files in 30,000 directories."""
    for number in range(30000):
        files(f"{root}/pkg{number // 1000}/mod{number // 10 % 100}/part{number % 10}", 10)
    for number in range(0, 30, 7):
        touch(f"{root}/pkg{number}/mod3/part4/.env")


def one_directory(root: str) -> None:
    """One directory of 300,000 files."""
    files(f"{root}/all", 300000)
    touch(f"{root}/all/.env")


def node_modules(root: str) -> None:
    """node_modules of ten packages, a hundred times."""
    for number in range(1000):
        package = f"{root}/app{number // 10}/node_modules/package-{number % 10}"
        for place in ("lib", "lib/internal", "dist", "dist/esm", "dist/cjs", "types", "node_modules/inner/lib"):
            files(f"{package}/{place}", 28)
        bin_directory = f"{root}/app{number // 10}/node_modules/.bin"
        os.makedirs(bin_directory, exist_ok=True)
        os.symlink(f"../package-{number % 10}/lib/file_0.js", f"{bin_directory}/tool-{number % 10}")
    touch(f"{root}/app7/node_modules/package-3/.env")


def links(root: str) -> None:
    """200,000 files and 20,000 links, a tenth of them to directories."""
    for number in range(2000):
        directory = f"{root}/d{number // 100}/e{number % 100}"
        files(directory, 100)
        for link in range(10):
            os.symlink("../e0" if link == 0 else f"file_{link}.{ENDINGS[link]}", f"{directory}/link{link}")
    touch(f"{root}/d3/e4/.env")


def matches(root: str) -> None:
    """A thousand matches among 100,000 files."""
    for number in range(10000):
        files(f"{root}/m{number // 100}/n{number % 100}", 10)
    for number in range(0, 10000, 10):
        touch(f"{root}/m{number // 100}/n{number % 100}/.env")


TREES = {
    "directories": many_directories,
    "one": one_directory,
    "node_modules": node_modules,
    "links": links,
    "matches": matches,
}


def search(root: str, reading: Patterns, writing: Patterns = ()) -> Found:
    read, write = (parse_patterns([Entry(text, "", 0) for text in texts], "/nowhere") for texts in (reading, writing))
    return find_paths(read, write, root)


def in_this_process(work: Callable[[], object]) -> tuple[float, float]:
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    work()
    passed, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    return passed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def in_another(command: list[str]) -> tuple[float, float]:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    passed = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return passed, usage.ru_utime + usage.ru_stime


def rivals(root: str) -> dict[str, Callable[[], tuple[float, float]]]:
    """Return what is measured, the first of them what the others are compared with."""
    find = ["find", root, "-name", ".env"]
    layer = default_layer(None)
    default = tuple(entry.text for entry in layer.deny_read or ())
    writing = tuple(entry.text for entry in layer.deny_write or ())
    expected = sorted(subprocess.run(find, capture_output=True, text=True, check=True).stdout.split())
    searches = {
        "10 globs": lambda: search(root, TEN),
        "200 globs": lambda: search(root, TEN + MORE),
        "the default lists": lambda: search(root, default, writing),
    }
    assert len(TEN + MORE) == 200
    for name, each in searches.items():
        assert [item.path for item in each().hidden] == expected, name
    assert expected
    found: dict[str, Callable[[], tuple[float, float]]] = {"find -name .env": lambda: in_another(find)}
    if shutil.which("rg"):
        listing = ["rg", "--files", "--hidden", "--no-ignore", root]
        found["rg --files"] = lambda: in_another(listing)
    found |= {name: functools.partial(in_this_process, each) for name, each in searches.items()}
    return found


def measure(root: str, rounds: int) -> dict[str, tuple[float, float]]:
    """Return the medians of time and processor time, in milliseconds."""
    measured = rivals(root)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, work in measured.items():
            times[name].append(work())
    return {
        name: (statistics.median(p for p, _ in each) * 1000, statistics.median(c for _, c in each) * 1000)
        for name, each in times.items()
    }


def table(medians: dict[str, tuple[float, float]]) -> list[str]:
    first, first_cpu = next(iter(medians.values()))
    rows = ["| | median ms | ratio | processor ms | ratio |", "|---|---|---|---|---|"]
    for name, (passed, cpu) in medians.items():
        rows.append(f"| {name} | {passed:.0f} | {passed / first:.2f} | {cpu:.0f} | {cpu / first_cpu:.2f} |")
    return [*rows, "", f"200 globs cost {medians['200 globs'][1] / medians['10 globs'][1]:.2f} x of 10."]


def main() -> None:
    """Measure and print; with --write, record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--trees", default=",".join(TREES))
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    parts = [machine.describe()]
    for name in options.trees.split(","):
        with tempfile.TemporaryDirectory() as root:
            TREES[name](os.path.realpath(root))
            title = (TREES[name].__doc__ or "").rstrip(".")
            parts.append("\n".join([f"## {title}", "", *table(measure(os.path.realpath(root), options.rounds))]))
            print(parts[-1], flush=True)
    text = "\n\n".join([*parts, f"load when it ended: {os.getloadavg()[0]:.1f}\n"])
    if options.write:
        options.write.write_text(f"# The search\n\nMedians of {options.rounds} interleaved rounds.\n\n{text}")


if __name__ == "__main__":
    main()
