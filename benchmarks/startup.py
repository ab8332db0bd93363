"""What it costs to start: `aigate mask` on little or no input, and `aigate run`, against Python and bubblewrap alone.

`python benchmarks/startup.py [--rounds N] [--write FILE]`. All rivals take turns within one run; each must end with 0,
each sandbox must first have shown that it hides a file, and each masking that it hides a key. Medians of the time that
passed and of the processor time of the command with all its children, and ratios to the first. The last rows start with
1200 denied files in the project, once with bubblewrap making the mounts itself (as where only bubblewrap may make user
namespaces).

ext4 looks anew at every inode that was freed in the last minutes, so many starts in a row cost more there than one
does: set TMPDIR to a tmpfs (not /dev/shm, which is hidden).
"""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import machine
from corpus import CORPORA

AIGATE = str(pathlib.Path(sys.executable).parent / "aigate")
SECRET, PLAIN = "a-secret-of-the-benchmark", "what may be read"
HOSTS = {"  - api.anthropic.com\n", "  - api.openai.com\n", "  - api.github.com\n", "allow_net:\n"}
KEY = b"ghp_" + b"a1B2" * 9
LOG_BYTES = 30_000  # that a command prints
BWRAP = ["bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--ro-bind", "/", "/", "--dev", "/dev"]
MANY = 1200
SLOW_ROUNDS = 3  # of what takes seconds
# As a program, isolated as the command `aigate` is: bwrap renders the mounts itself, as it does where it is setuid.
ALONE = f"""\
import sys
sys.path += {[path for path in sys.path if path]!r}
import aigate.session.machine
aigate.session.machine.obstacle = lambda *_: 'measured so'
from aigate.cli import start
start()
"""


def configs(home: pathlib.Path) -> dict[str, str]:
    """Write the configs that are measured; return their paths by name."""
    lines = (home / ".aigate/config.yaml").read_text().splitlines(keepends=True)
    filtered = "".join(line for line in lines if line != "backend: auto\n")
    unrestricted = "".join(line for line in lines if line not in HOSTS and line != "backend: auto\n")
    texts = {
        "bwrap": f"{unrestricted}backend: bwrap\n",
        "unshare": f"{unrestricted}backend: unshare\n",
        "bwrap, three hosts": f"{filtered}backend: bwrap\n",
        "unshare, three hosts": f"{filtered}backend: unshare\n",
    }
    for number, text in enumerate(texts.values()):
        (home / f"{number}.yaml").write_text(text)
    return {name: str(home / f"{number}.yaml") for number, name in enumerate(texts)}


def rivals(home: pathlib.Path) -> dict[str, list[str]]:
    """Return the commands that are measured."""
    python = os.path.realpath(sys.executable)
    runs = {name: [AIGATE, "run", "-q", "--config", path, "--", "true"] for name, path in configs(home).items()}
    return {
        "python3 -S -E -c pass": [python, "-S", "-E", "-c", "pass"],
        "python -c pass": [sys.executable, "-c", "pass"],
        "bwrap true": [*BWRAP, "--proc", "/proc", "true"],
        "aigate mask": [AIGATE, "mask"],
        "aigate mask, by Python": [AIGATE, "mask", "--", "-"],
        "aigate mask, one line": [AIGATE, "mask", "line"],
        "aigate mask, one line, by Python": [AIGATE, "mask", "--", "line"],
        f"aigate mask, {LOG_BYTES // 1000} kB": [AIGATE, "mask", "log"],
        **{f"aigate run, {name}": command for name, command in runs.items()},
        **{
            f"aigate run, bwrap, {what} of output": [*runs["bwrap"][:-1], "cat", file]
            for what, file in (("one line", "line"), (f"{LOG_BYTES // 1000} kB", "log"))
        },
    }


def with_many(home: pathlib.Path) -> dict[str, list[str]]:
    """Return the commands that are measured with many denied files, those that take seconds last."""
    paths = configs(home)
    runs = {name: [AIGATE, "run", "-q", "--config", paths[name], "--", "true"] for name in ("bwrap", "unshare")}
    alone = [sys.executable, "-I", "-S", "-c", ALONE, "run", "-q", "--config", paths["bwrap"], "--", "true"]
    return {
        **{f"aigate run, {name}, {MANY} denied files": command for name, command in runs.items()},
        f"aigate run, mounts by bwrap itself, {MANY} denied files": alone,
    }


def measure(commands: dict[str, list[str]], rounds: int, at: dict[str, object]) -> dict[str, tuple[float, float]]:
    """Return the median of each command's time and of its processor time, in milliseconds."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            start = time.perf_counter()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **at)
            _, status, usage = os.wait4(process.pid, 0)
            passed = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0, command
            times[name].append((passed, usage.ru_utime + usage.ru_stime))
    return {
        name: (statistics.median(p for p, _ in values) * 1000, statistics.median(c for _, c in values) * 1000)
        for name, values in times.items()
    }


def kind_of_file_system(path: pathlib.Path) -> str:
    """Return the type of the file system that a path lies on (proc_pid_mountinfo(5))."""
    best, kind = "", ""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split(" ")
        point = fields[4]
        if f"{path}/".startswith(f"{point.rstrip('/')}/") and len(point) >= len(best):
            best, kind = point, fields[fields.index("-") + 1]
    return kind


def check(command: list[str], at: dict[str, object]) -> None:
    """See that a command masks a key, or that its sandbox shows one file and refuses the other to everybody."""
    if command[-1] in {"line", "log"}:
        printed = subprocess.run(command, capture_output=True, check=True, **at).stdout
        assert b"ghp_***" in printed, command
        assert KEY not in printed, command
        return
    shown = subprocess.run([*command[:-1], "cat", "plain", ".env"], capture_output=True, text=True, check=False, **at)
    assert shown.stdout == PLAIN, command
    assert shown.stderr.endswith(".env: Permission denied\n"), (command, shown.stderr)
    assert shown.returncode == 1, command


def main() -> None:
    """Measure and print; with --write, record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    head = machine.describe()
    with tempfile.TemporaryDirectory() as root:
        home = pathlib.Path(root)
        kind = kind_of_file_system(home)
        project = home / "project"
        project.mkdir()
        (project / ".env").write_text(SECRET)
        (project / "plain").write_text(PLAIN)
        (project / "line").write_bytes(b"the key is " + KEY + b"\n")
        (project / "log").write_bytes(CORPORA["clean"](LOG_BYTES) + (project / "line").read_bytes())
        at = {"cwd": project, "env": {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}}
        subprocess.run([AIGATE, "init"], env=at["env"], check=True, stdout=subprocess.DEVNULL)
        commands, many = rivals(home), with_many(home)
        for command in (*commands.values(), *many.values()):
            if "run" in command or command[-1] == "line":
                check(command, at)
        medians = measure(commands, options.rounds, at)
        for number in range(MANY):
            (project / f"k{number}.pem").write_text(SECRET)
        *fast, slow = many
        medians |= measure({name: many[name] for name in fast}, max(3, options.rounds // 4), at)
        medians |= measure({slow: many[slow]}, SLOW_ROUNDS, at)
        shutil.rmtree(home / ".aigate")
    first, first_cpu = next(iter(medians.values()))
    rows = [
        f"| {name} | {passed:.1f} | {passed / first:.2f} | {cpu:.1f} | {cpu / first_cpu:.2f} |"
        for name, (passed, cpu) in medians.items()
    ]
    titles = "| command | median ms | ratio | processor ms | ratio |\n|---|---|---|---|---|"
    how = "before all others (chrt -f)" if os.sched_getscheduler(0) == os.SCHED_FIFO else "like everything else"
    ended = f"load when it ended: {os.getloadavg()[0]:.1f}; scheduled {how}; home on {kind}"
    text = "\n".join([head, ended, "", titles, *rows, ""])
    print(text)
    if options.write:
        options.write.write_text(f"# Start-up\n\nMedians of {options.rounds} interleaved rounds.\n\n{text}")


if __name__ == "__main__":
    main()
