"""How long an agent waits for its hook, beside a program that only copies the event: interleaved, medians and 99 %.

`python benchmarks/hook.py [CALLS]` makes a home of its own with all presets and 10,000 known values.
"""

from __future__ import annotations

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import aigate

VALUES, LINES, CALLS = 10_000, 300, 300
KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"
HOOK = pathlib.Path(aigate.__file__).parent / "native/hook"
LAUNCHER = pathlib.Path(sys.executable).with_name("aigate")


def furnished(home: pathlib.Path) -> dict[str, str]:
    """Give a home a config and values; return the environment of who calls there."""
    (home / ".aigate").mkdir()
    (home / "run").mkdir(mode=0o700)
    numbers = random.Random(1)
    values = home / "values.env"
    values.write_text("".join(f"SECRET_{n}={numbers.getrandbits(160):040x}\n" for n in range(VALUES)))
    (home / ".aigate/config.yaml").write_text(f"mask_stdout:\n  presets: [all]\n  values: ['{values}']\n")
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")}


def timed(words: list[str], event: bytes, environment: dict[str, str]) -> tuple[float, bytes]:
    """Return the milliseconds that a call took, and what it said."""
    begin = time.perf_counter()
    done = subprocess.run(words, input=event, stdout=subprocess.PIPE, env=environment, check=True)
    return (time.perf_counter() - begin) * 1e3, done.stdout


def end(home: pathlib.Path) -> None:
    """End the service, which would wait for a quarter of an hour."""
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"{home}/run".encode() in entry.read_bytes():
                os.kill(int(entry.parent.name), signal.SIGTERM)
        except OSError:
            continue


def main(calls: int) -> None:
    """Measure and print."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="aigate-benchmark-"))
    try:
        environment = furnished(home)
        result = {"stdout": "a line of output\n" * LINES + f"key {KEY}\n", "stderr": ""}
        event = json.dumps({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_response": result}).encode()
        hook, floor = [str(HOOK), "codex", str(LAUNCHER)], ["/bin/cat"]
        first = timed(hook, event, environment)[0]
        taken: dict[str, list[float]] = {"hook": [], "cat": []}
        for _ in range(calls):
            took, said = timed(hook, event, environment)
            assert b"ghp_***" in said and KEY.encode() not in said  # noqa: PT018 -- measured is what is right
            taken["hook"].append(took)
            taken["cat"].append(timed(floor, event, environment)[0])
    finally:
        end(home)
        shutil.rmtree(home)
    sys.stdout.write(f"first call, which starts the service: {first:.0f} ms\n")
    for name, times in taken.items():
        times.sort()
        half, most = times[len(times) // 2], times[len(times) * 99 // 100]
        sys.stdout.write(f"{name}: {half:.2f} ms at the median, {most:.2f} at 99 %\n")
    sys.stdout.write(f"beside a load of {os.getloadavg()[0]:.0f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CALLS)
