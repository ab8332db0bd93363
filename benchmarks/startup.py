"""What it costs to start: `aigate mask` on no input, and `aigate run -- true`, against Python and bubblewrap alone.

`python benchmarks/startup.py [--rounds N] [--write FILE]`. All rivals take turns within one run; each must end with 0,
and the sandbox must first have shown that it hides a file. Medians, and ratios to the first.
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

AIGATE = str(pathlib.Path(sys.executable).parent / "aigate")
SECRET = "a-secret-of-the-benchmark"


def rivals(home: pathlib.Path) -> dict[str, list[str]]:
    """Return the commands that are measured."""
    python = os.path.realpath(sys.executable)
    open_config = home / "open.yaml"
    text = (home / ".aigate/config.yaml").read_text().splitlines(keepends=True)
    hosts = {"  - api.anthropic.com\n", "  - api.openai.com\n", "  - api.github.com\n", "allow_net:\n"}
    open_config.write_text("".join(line for line in text if line not in hosts))
    bwrap = [
        "bwrap",
        "--unshare-user",
        "--unshare-pid",
        "--unshare-ipc",
        "--ro-bind",
        "/",
        "/",
        "--dev",
        "/dev",
        "--proc",
        "/proc",
    ]
    return {
        "python3 -S -E -c pass": [python, "-S", "-E", "-c", "pass"],
        "python -c pass": [sys.executable, "-c", "pass"],
        "bwrap true": [*bwrap, "true"],
        "aigate mask": [AIGATE, "mask"],
        "aigate run, network unrestricted": [AIGATE, "run", "-q", "--config", str(open_config), "--", "true"],
        "aigate run, three hosts": [AIGATE, "run", "-q", "--", "true"],
    }


def measure(
    commands: dict[str, list[str]], rounds: int, project: pathlib.Path, environment: dict[str, str]
) -> dict[str, float]:
    """Return the median of each command's time in milliseconds."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, cwd=project, env=environment, stdin=subprocess.DEVNULL, check=True)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) * 1000 for name, values in times.items()}


def main() -> None:
    """Measure and print; with --write, record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        home = pathlib.Path(root)
        project = home / "project"
        project.mkdir()
        (project / ".env").write_text(SECRET)
        environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        subprocess.run([AIGATE, "init"], env=environment, check=True, stdout=subprocess.DEVNULL)
        for command in rivals(home).values():
            if "run" in command:
                shown = subprocess.run(
                    [*command[:-1], "cat", ".env"],
                    cwd=project,
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=True,
                )
                assert SECRET not in shown.stdout, command
                assert "denied by policy" in shown.stdout, command
        medians = measure(rivals(home), options.rounds, project, environment)
        shutil.rmtree(home / ".aigate")
    first = next(iter(medians.values()))
    rows = [f"| {name} | {value:.1f} | {value / first:.2f} |" for name, value in medians.items()]
    text = "\n".join([machine.describe(), "", "| command | median ms | ratio |", "|---|---|---|", *rows, ""])
    print(text)
    if options.write:
        options.write.write_text(f"# Start-up\n\nMedians of {options.rounds} interleaved rounds.\n\n{text}")


if __name__ == "__main__":
    main()
