"""What the relay costs: echo of a key, and the throughput of a terminal and of a pipe, against bubblewrap alone.

`python benchmarks/relay.py [--write FILE]`. Every measurement asserts what came out before it counts, rivals take turns
within one run, and the results are ratios and differences. Start-up is not part of it. Where there is a C compiler,
a relay that copies and does nothing else (relay_floor.c, with bubblewrap in it) shows what cannot be had for less.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import pathlib
import platform
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator

from masker import compiled

AIGATE = [sys.executable, "-m", "aigate", "run", "--quiet", "--"]
BWRAP = ["bwrap", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-pid", "--die-with-parent", "--"]
FLOOR = "only copying"
RIVALS = {"bwrap": BWRAP, "aigate": AIGATE}
KEYS = 1500
BUSY = "while :; do printf '\\0337\\033[1;1H%s\\0338' 0123456789012345678901234567890123456789; sleep 0.002; done"
QUIET_ECHO = "stty raw -echo; printf ready; exec cat"
BUSY_ECHO = f"stty raw -echo; printf ready; ({BUSY}) & exec cat"
TERMINAL_MEBIBYTES, PIPE_MEBIBYTES = 64, 256
ROUNDS = 7
SIZE = 24, 80  # rows and columns


@contextlib.contextmanager
def on_terminal(argv: list[str], home: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    master, slave = os.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", *SIZE, 0, 0))  # without one there is no screen to follow

    def own_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        argv,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=own_terminal,  # noqa: PLW1509 -- no threads here
        cwd=f"{home}/project",
        env={**os.environ, "HOME": home, "TERM": "xterm"},
    )
    os.close(slave)
    try:
        yield process, master
    finally:
        process.terminate()
        os.close(master)
        process.wait()


def read_until(master: int, wanted: bytes) -> bytes:
    seen = b""
    while wanted not in seen:
        assert select.select([master], [], [], 20)[0], f"{wanted!r} did not come"
        seen += os.read(master, 65536)
    return seen


def echo_times(script: str, home: str) -> dict[str, list[float]]:
    """Return, for each rival, the seconds from writing a key until it is on the screen."""
    times: dict[str, list[float]] = {name: [] for name in RIVALS}
    with contextlib.ExitStack() as stack:
        terminals = {
            name: stack.enter_context(on_terminal([*prefix, "sh", "-c", script], home))[1]
            for name, prefix in RIVALS.items()
        }
        for master in terminals.values():
            read_until(master, b"ready")
        for number in range(KEYS):
            key = b"QWERTYUIOP"[number % 10 :][:1]
            for name, master in terminals.items():
                while select.select([master], [], [], 0)[0]:
                    os.read(master, 65536)
                time.sleep(0.001)
                started = time.perf_counter()
                os.write(master, key)
                read_until(master, key)
                times[name].append(time.perf_counter() - started)
    return times


def make_log(path: pathlib.Path, mebibytes: int) -> int:
    """Write a log without secrets; return its size."""
    line = "2031-04-05T06:07:08.910Z INFO  worker-{:04d} request {:08x} took {} ms, 200 OK, path=/api/v1/items/{}\n"
    text = "".join(line.format(n % 97, n * 2654435761 % 2**32, n % 113, n) for n in range(20000)).encode()
    with open(path, "wb") as file:
        while file.tell() < mebibytes << 20:
            file.write(text)
        size = file.tell()
    os.sync()  # or it is written while the first rival is measured
    return size


def seconds_on_terminal(prefix: list[str], path: str, size: int, home: str) -> float:
    lines = path_lines(path)
    with on_terminal([*prefix, "sh", "-c", f"printf begin; cat {path}; printf '\\001'"], home) as (_, master):
        got = len(read_until(master, b"begin").partition(b"begin")[2])
        started = time.perf_counter()
        last = b""
        while last[-1:] != b"\1":
            last = os.read(master, 65536)
            got += len(last)
        took = time.perf_counter() - started
    assert got == size + lines + 1, f"{got} bytes came, not {size + lines + 1}"  # each \n is \r\n on a terminal
    return took


def path_lines(path: str) -> int:
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def seconds_in_pipe(prefix: list[str], path: str, size: int, home: str) -> float:
    process = subprocess.Popen(
        [*prefix, "sh", "-c", f"printf b; cat {path}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=f"{home}/project",
        env={**os.environ, "HOME": home},
    )
    with process:
        assert process.stdout is not None
        descriptor = process.stdout.fileno()
        assert os.read(descriptor, 1) == b"b"
        started = time.perf_counter()
        got = 0
        while data := os.read(descriptor, 1 << 18):
            got += len(data)
        took = time.perf_counter() - started
    assert got == size
    return took


def throughput(measure, path: str, size: int, home: str) -> dict[str, float]:  # noqa: ANN001 -- one of the two above
    """Return the median of some rounds for each rival, MB/s. They take turns."""
    times: dict[str, list[float]] = {name: [] for name in RIVALS}
    for _ in range(ROUNDS):
        for name, prefix in RIVALS.items():
            times[name].append(measure(prefix, path, size, home))
    return {name: size / statistics.median(values) / 1e6 for name, values in times.items()}


def quantiles(values: list[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile, ms."""
    return statistics.median(values) * 1000, statistics.quantiles(values, n=100)[98] * 1000


def results(home: str) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for name, script in (("echo", QUIET_ECHO), ("echo while busy", BUSY_ECHO)):
        times = echo_times(script, home)
        rows = {rival: quantiles(values) for rival, values in times.items()}
        found[name] = {
            **{f"{rival} median, p99 (ms)": [round(x, 3) for x in row] for rival, row in rows.items()},
            "added median (ms)": round(rows["aigate"][0] - rows["bwrap"][0], 3),
            "added p99 (ms)": round(rows["aigate"][1] - rows["bwrap"][1], 3),
        }
    log = pathlib.Path(home) / "project" / "big.log"
    for name, measure, mebibytes in (
        ("cat on a terminal", seconds_on_terminal, TERMINAL_MEBIBYTES),
        ("cat into a pipe", seconds_in_pipe, PIPE_MEBIBYTES),
    ):
        rates = throughput(measure, str(log), make_log(log, mebibytes), home)
        found[name] = {f"{rival} (MB/s)": round(rate) for rival, rate in rates.items()}
        found[name] |= {f"{rival} / bwrap": round(rate / rates["bwrap"], 2) for rival, rate in rates.items()}
    return found


def machine() -> dict[str, str]:
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    bwrap = subprocess.run(["bwrap", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return {
        "processor": f"{os.cpu_count()} x {model}",
        "kernel": platform.release().split("-")[0],
        "python": platform.python_version(),
        "bwrap": bwrap,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", metavar="FILE", help="record the results")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aigate-relay-", dir=pathlib.Path.home()) as home:
        os.mkdir(f"{home}/project")
        subprocess.run([*AIGATE[:3], "init"], env={**os.environ, "HOME": home}, check=True, stdout=subprocess.DEVNULL)
        with open(f"{home}/.aigate/config.yaml") as file:
            text = file.read()
        assert "mask_stdout:" in text
        if floor := compiled("relay_floor.c", pathlib.Path(home), "-lutil"):
            RIVALS[FLOOR] = [floor, *BWRAP]
        found = {"machine": machine(), "load at start": os.getloadavg()[0], **results(home)}
    text = json.dumps(found, indent=2)
    print(text)
    if arguments.write:
        pathlib.Path(arguments.write).write_text(text + "\n")


if __name__ == "__main__":
    main()
