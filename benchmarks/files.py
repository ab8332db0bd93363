"""`aigate mask --in-place -j 2` of a tree beside `cp -r` of it: interleaved, medians of time and of processor time.

`python benchmarks/files.py [FILES] [CHANGED]`: so many files of 100 kB, of which one in CHANGED holds a key.
"""

from __future__ import annotations

import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SIZE, ROUNDS, OF_A_DIRECTORY = 100_000, 5, 100
LINE = b"2026-11-29T12:00:00 INFO request id=42 took 12 ms for GET /index.html\n"
KEY = b"the key is sk-ant-api03-abcdefghij0123456789\n"
MASK = [sys.executable, "-m", "aigate", "mask", "--preset", "all", "--in-place", "-j", "2"]


def tree(root: pathlib.Path, files: int, changed: int) -> None:
    """Make a tree of logs."""
    clean = (LINE * (SIZE // len(LINE)))[: SIZE - len(KEY)]
    for number in range(files):
        directory = root / str(number // OF_A_DIRECTORY)
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"{number}.log").write_bytes(clean + (KEY if number % changed == 0 else b""))


def timed(words: list[str]) -> tuple[float, float]:
    """Return the seconds that a command took, and those of processors."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(words, check=True)
    took, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(files: int, changed: int) -> None:
    """Measure and print."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="aigate-benchmark-", dir=os.environ.get("AIGATE_PLACE")))
    taken: dict[str, list[tuple[float, float]]] = {"cp -r": [], "in place": []}
    try:
        tree(place / "tree", files, changed)
        for _ in range(ROUNDS):
            taken["cp -r"].append(timed(["cp", "-r", str(place / "tree"), str(place / "copy")]))
            os.sync()
            taken["in place"].append(timed([*MASK, str(place / "copy")]))
            assert KEY not in (place / "copy/0/0.log").read_bytes()
            shutil.rmtree(place / "copy")
    finally:
        shutil.rmtree(place)
    for name, times in taken.items():
        took, processors = (statistics.median(column) for column in zip(*times, strict=True))
        sys.stdout.write(f"{name}: {took:.2f} s, {processors:.2f} s of processors\n")
    ratio = statistics.median(a[0] / b[0] for a, b in zip(taken["cp -r"], taken["in place"], strict=True))
    sys.stdout.write(f"rate in place beside cp -r: {ratio:.2f} (median of rounds), load {os.getloadavg()[0]:.0f}\n")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*(numbers + [2000, 1][len(numbers) :]))
