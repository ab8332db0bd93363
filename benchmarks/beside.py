"""What a start takes, and a run that waits, beside another build of aigate: `aigate run -- true` in a small project.

`python benchmarks/beside.py OTHER [--rounds N] [--files N] [--denied N] [--write FILE]`, OTHER being the other build's
command `aigate`. The project can have so many more files, ten in a directory, and denied ones. Both take turns within
one run, each with the config that its own `init` writes, with and without allowed hosts, in both backends. Processor
time is that of all processes, also of those that outlive the command. Memory (PSS) is that of aigate's own processes,
while a command waits that has printed a megabyte. Medians, and their ratios.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import machine

AIGATE = str(pathlib.Path(sys.executable).parent / "aigate")
HOSTS = {"  - api.anthropic.com\n", "  - api.openai.com\n", "  - api.github.com\n", "allow_net:\n"}
PR_SET_CHILD_SUBREAPER = 36
PRINTING = (
    "i=0; while [ $i -lt 20000 ]; do echo line $i of what a build prints, nothing secret; i=$((i+1)); done; read x"
)
NOT_OURS = ("sh", ".aigate-init")


def prepare(home: pathlib.Path, aigate: str, files: int, denied: int) -> dict[str, object]:
    """Make a home with a project and configs; return how a command is started there."""
    project = home / "project"
    project.mkdir(parents=True)
    for number in range(files):
        if number % 10 == 0:
            (project / f"d{number // 1000}/e{number // 10}").mkdir(parents=True)
        (project / f"d{number // 1000}/e{number // 10}/f{number}").touch()
    for number in range(denied):
        (project / f"k{number}.pem").write_text("a-secret-of-the-benchmark")
    (project / ".env").write_text("a-secret-of-the-benchmark")
    at = {"cwd": project, "env": {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}}
    subprocess.run([aigate, "init"], env=at["env"], check=True, stdout=subprocess.DEVNULL)
    lines = (home / ".aigate/config.yaml").read_text().splitlines(keepends=True)
    lines = [line for line in lines if not line.startswith("backend:")]
    for backend in ("bwrap", "unshare"):
        (home / f"{backend}, three hosts.yaml").write_text("".join([*lines, f"backend: {backend}\n"]))
        (home / f"{backend}.yaml").write_text("".join([x for x in lines if x not in HOSTS] + [f"backend: {backend}\n"]))
    return at


def run_line(aigate: str, home: pathlib.Path, name: str) -> list[str]:
    """Return the beginning of a run's command line."""
    return [aigate, "run", "-q", "--config", str(home / f"{name}.yaml"), "--"]


def started(command: list[str], at: dict[str, object]) -> tuple[float, float]:
    """Run a command; return how many milliseconds passed, and of processor time of everything that it started."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, **at)
    passed = time.perf_counter() - begin
    try:
        while True:
            os.wait()  # what has outlived it is ours now
    except ChildProcessError:
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return passed * 1000, used * 1000


def below(process: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [process]
    for task in pathlib.Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            found += below(int(child))
    return found


def memory(command: list[str], at: dict[str, object]) -> float:
    """Return how many megabytes aigate's processes take beside a command that has printed and waits."""
    run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **at)
    for _ in range(20000):
        run.stdout.readline()
    time.sleep(1)
    total = 0
    for process in below(run.pid):
        if pathlib.Path(f"/proc/{process}/comm").read_text().strip() not in NOT_OURS:
            rollup = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    run.communicate(b"\n")
    return total / 1024


def main() -> None:
    """Measure and print; with --write, record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--files", type=int, default=0)
    parser.add_argument("--denied", type=int, default=0)
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    names = ("bwrap", "unshare", "bwrap, three hosts", "unshare, three hosts")
    rows = []
    with tempfile.TemporaryDirectory() as root:
        sides = [(aigate, pathlib.Path(root, side)) for side, aigate in (("other", options.other), ("own", AIGATE))]
        places = [prepare(home, aigate, options.files, options.denied) for aigate, home in sides]
        head = machine.describe()
        for name in (*names, "mask"):
            commands = [
                [aigate, "mask"] if name == "mask" else [*run_line(aigate, home, name), "true"]
                for aigate, home in sides
            ]
            times: list[list[tuple[float, float]]] = [[], []]
            for number in range(options.rounds + 1):
                for side in (0, 1):
                    found = started(commands[side], places[side])
                    times[side] += [found] if number else []  # the first one fills caches
            for kind in (0, 1):
                other, own = (statistics.median(each[kind] for each in side) for side in times)
                rows.append((f"{name}, {('time', 'processor time')[kind]}, ms", other, own))
        for name in names:
            other, own = (
                statistics.median(
                    memory([*run_line(aigate, home, name), "sh", "-c", PRINTING], place) for _ in range(3)
                )
                for (aigate, home), place in zip(sides, places, strict=True)
            )
            rows.append((f"{name}, memory, MB", other, own))
    lines = [f"| {name} | {other:.1f} | {own:.1f} | {own / other:.2f} |" for name, other, own in rows]
    who = "root" if os.getuid() == 0 else "an ordinary user"
    ended = f"load when it ended: {os.getloadavg()[0]:.1f}; as {who}; {options.rounds} rounds; "
    ended += f"{options.files} files and {options.denied} denied ones more"
    text = "\n".join([head, ended, "", "| | other | this | ratio |\n|---|---|---|---|", *lines, ""])
    print(text)
    if options.write:
        options.write.write_text(f"# Beside another build\n\n{text}")


if __name__ == "__main__":
    main()
