"""How long what a host program replaces stands open inside, and what the watch costs a build.

`python benchmarks/watch.py [--times N] [--directories N ...] [--rounds N] [--write FILE]`, on Linux. A secret is saved
by rename, again and again, while a reader inside reads it in a loop (which keeps one core busy). It is asked from
outside, through /proc/PID/root, when the new file is covered there. The reader tells how many saved texts it saw.
Then a build inside writes 10,000 files, with the watch and with its process killed, in turns. HOME says on which file
system: a disk's own work blurs what is compared (a tmpfs does not). Each round first shows that the
secret is hidden at all.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import machine

from aigate import _linux

AIGATE = str(pathlib.Path(sys.executable).parent / "aigate")
FILES, FOLDERS = 10_000, 100
PAUSE, GLANCE = 0.002, 0.00005
PATIENCE, SETTLE = 120, 1.0
SHORT = 100_000  # nanoseconds
READER = """
import os, sys
print("ready", flush=True)
seen, reads = set(), 0
while not os.path.exists("stop"):
    reads += 1
    try:
        seen.add(open(".env").read())
    except OSError:
        pass
print(len([text for text in seen if text.startswith("secret-")]), reads, flush=True)
"""
BUILD = f"""
import os, sys, time
print("ready", flush=True)
sys.stdin.readline()
began, there = time.process_time(), time.perf_counter()
for folder in range({FOLDERS}):
    os.mkdir(f"out/{{folder}}")
    for number in range({FILES // FOLDERS}):
        with open(f"out/{{folder}}/{{number}}.o", "w") as file:
            file.write("x" * 2000)
print(time.process_time() - began, time.perf_counter() - there, flush=True)
sys.stdin.readline()
"""


class Place:
    """A home and a project of the benchmark's own. directories: empty ones in the project."""

    def __init__(self, directories: int) -> None:
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="aigate-watch-", dir=pathlib.Path.home()))
        self.project = self.home / "project"
        for number in range(directories):
            (self.project / f"d{number // 100}/{number}").mkdir(parents=True)
        self.project.mkdir(exist_ok=True)
        self.env = {"HOME": str(self.home), "PATH": os.defpath, "LANG": "C.UTF-8"}
        subprocess.run([AIGATE, "init"], env=self.env, cwd=self.project, check=True, stdout=subprocess.DEVNULL)
        (self.project / ".env").write_text("at the start")

    def run(self, program: str) -> subprocess.Popen[str]:
        """Start a Python program inside and wait until it is ready."""
        command = [AIGATE, "run", "-q", "--", "/usr/bin/python3", "-c", program]
        pipe = subprocess.PIPE
        running = subprocess.Popen(command, env=self.env, cwd=self.project, stdin=pipe, stdout=pipe, text=True)
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        return running

    def remove(self) -> None:
        """Remove it, with the directory that overlays work in, which is closed to its owner."""

        def open_up(_: object, path: str, __: object) -> None:
            os.chmod(path, 0o700)
            os.rmdir(path)

        shutil.rmtree(self.home, onerror=open_up)


def descendants(process: int) -> list[int]:
    """Return the process ids below one, the nearest first."""
    found = [process]
    for parent in found:
        for thread in pathlib.Path(f"/proc/{parent}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found[1:]


def watcher_of(running: subprocess.Popen[str]) -> tuple[int, int]:
    """Return the process id of a run's watcher and its descriptor for file events."""
    for process in descendants(running.pid):
        for entry in pathlib.Path(f"/proc/{process}/fd").iterdir():
            if os.readlink(entry) == "anon_inode:inotify":
                return process, int(entry.name)
    raise AssertionError("nobody watches")


def reaction(times: int, directories: int) -> tuple[list[tuple[float, float]], int, int]:
    """Return what each save took, and then its cover (seconds); how many were seen inside; directories watched."""
    place = Place(directories)
    running = place.run(READER)
    try:
        watcher, events = watcher_of(running)
        info = pathlib.Path(f"/proc/{watcher}/fdinfo/{events}")
        end = time.monotonic() + PATIENCE
        while (watched := info.read_text().count("inotify wd:")) < directories:
            assert time.monotonic() < end, f"{watched} directories are watched"
            time.sleep(0.1)
        inside = f"/proc/{descendants(running.pid)[-1]}/root{place.project}/.env"
        device = place.project.stat().st_dev
        assert os.stat(inside).st_dev != device, "the secret is not hidden"
        with _first_in_line():
            took = [_save(place.project, inside, device, number) for number in range(times)]
        (place.project / "stop").touch()
        seen = int(running.communicate(timeout=PATIENCE)[0].split()[0])
        return took, seen, watched
    finally:
        running.kill()
        place.remove()


@contextlib.contextmanager
def _first_in_line() -> Iterator[None]:
    """Get turns as soon as can be, so that what is measured is not this process's own waiting beside a load."""
    own = os.getpriority(os.PRIO_PROCESS, 0)
    _linux.ask_for_short_turns(SHORT)
    with contextlib.suppress(PermissionError):  # not root
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, own)
        _linux.ask_for_short_turns(0)  # as everybody has them


def _save(project: pathlib.Path, inside: str, device: int, number: int) -> tuple[float, float]:
    """Save, and return how long rename(2) took, in which the kernel takes the old cover away, and what came after."""
    (project / "new").write_text(f"secret-{number}")
    began = time.perf_counter()
    os.rename(project / "new", project / ".env")
    renamed = time.perf_counter()
    while os.stat(inside).st_dev == device:
        assert time.perf_counter() - began < PATIENCE, "it is not covered again"
        time.sleep(GLANCE)
    covered = time.perf_counter()
    time.sleep(PAUSE)
    return renamed - began, covered - renamed


def build(*, watched: bool) -> tuple[float, float, float]:
    """Return the processor time of a build of many files inside, how long it took, and the watch's time (seconds)."""
    place = Place(0)
    try:
        (place.project / "out").mkdir()
        running = place.run(BUILD)
        watcher, _ = watcher_of(running)
        if not watched:
            os.kill(watcher, signal.SIGKILL)
        before = processor_time(watcher) if watched else 0.0
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write("\n")
        running.stdin.flush()
        used, took = map(float, running.stdout.readline().split())
        time.sleep(SETTLE if watched else 0)
        beside = processor_time(watcher) - before if watched else 0.0
        running.communicate("\n", timeout=PATIENCE)
        assert len(list(place.project.glob("out/*/*.o"))) == FILES
        return used, took, beside
    finally:
        place.remove()


def processor_time(process: int) -> float:
    """Return what a process has used so far (proc_pid_stat(5), utime and stime), in seconds."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure, and print or write a page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--directories", type=int, nargs="*", default=[10, 30_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    lines = [
        "| directories watched | saved | rename itself | covered after it: median | 99 % | worst | seen by a reader |",
        "|---" * 7 + "|",
    ]
    for directories in options.directories:
        took, seen, watched = reaction(options.times, directories)
        renaming, after = zip(*took, strict=True)
        middle, cuts = statistics.median(renaming), statistics.quantiles(after, n=100)
        shown = (middle, statistics.median(after), cuts[98], max(after))
        figures = " | ".join(f"{1000 * value:.2f} ms" for value in shown)
        lines.append(f"| {watched} | {len(took)} | {figures} | {seen} |")
    rounds = [(build(watched=True), build(watched=False)) for _ in range(options.rounds)]
    beside = statistics.median(one[2] for one, _ in rounds)
    ratios = []
    for number, what in enumerate(("processor time", "in all")):
        with_it, alone = (statistics.median(times[number] for times in column) for column in zip(*rounds, strict=True))
        ratios.append(f"{what} {with_it:.3f} s with the watch, {alone:.3f} s without, {with_it / alone:.2f} x")
    lines += [
        "",
        f"A build inside that writes {FILES} files, median of {options.rounds} each, in turns:",
    ]
    lines += [f"{'; '.join(ratios)}. The watch's own processor time: {beside:.3f} s."]
    text = "\n".join(["# What the watch does and costs", "", machine.describe().replace("\n", "  \n"), "", *lines, ""])
    if options.write:
        options.write.write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
