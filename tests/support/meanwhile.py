"""A run during which something happens outside: the command waits, the test acts, the watch answers, it goes on."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox import TIMEOUT, Sandbox

PAUSE = 0.01


@dataclass
class Told:
    """What a run printed, and what its watch wrote down: (kind, path below the home)."""

    stdout: str
    stderr: str
    returncode: int
    events: list[tuple[str, str]]


def meanwhile(
    sandbox: Sandbox,
    act: Callable[[subprocess.Popen[str]], object],
    script: str,
    *,
    until: tuple[tuple[str, str], ...] = (),
    before: str = ":",
    options: tuple[str, ...] = ("--quiet",),
) -> Told:
    """Run `before`, let `act` happen outside, wait until the watch has written down what `until` says, run `script`.

    until: kinds and paths (below the project, or `~/`). act is given the process of aigate.
    """
    log = sandbox.home / ".aigate/audit.jsonl"
    start = log.stat().st_size if log.exists() else 0
    for name in ("ready", "go"):
        os.mkfifo(sandbox.project / name)
        os.chown(sandbox.project / name, sandbox.uid, sandbox.gid)
    inside = f"{before}\necho > ready; read x < go\n{script}"
    running = subprocess.Popen(
        [*sandbox.prefix, "run", *options, "--", "sh", "-c", inside],
        cwd=sandbox.project,
        env=sandbox.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="surrogateescape",
        **sandbox.identity(),
    )
    with running:
        try:
            _read(sandbox, "ready", running)
            act(running)
            wanted = {(kind, str(sandbox.path(path))) for kind, path in until}
            wait_until(lambda: wanted <= set(_events(log, start)))
            if running.poll() is None:
                (sandbox.project / "go").write_text("\n")
            stdout, stderr = running.communicate(timeout=TIMEOUT)
        finally:
            running.kill()
    for name in ("ready", "go"):
        (sandbox.project / name).unlink()
    return Told(stdout, stderr, running.returncode, _events(log, start))


def _read(sandbox: Sandbox, name: str, running: subprocess.Popen[str]) -> None:
    opened = os.open(sandbox.project / name, os.O_RDONLY | os.O_NONBLOCK)
    try:
        wait_until(lambda: running.poll() is not None or _readable(opened))
    finally:
        os.close(opened)
    assert running.poll() is None, running.communicate()


def _readable(descriptor: int) -> bool:
    try:
        return bool(os.read(descriptor, 1))
    except BlockingIOError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; fails when it does not come true in TIMEOUT seconds."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end
        time.sleep(PAUSE)


def _events(log: os.PathLike[str], start: int) -> list[tuple[str, str]]:
    with open(log, encoding="ascii") as file:
        file.seek(start)
        lines = [json.loads(line) for line in file.read().splitlines()]
    return [(line["kind"], line["path"]) for line in lines if line["event"] == "watched"]


def descendants(process: int) -> list[int]:
    """Return the process ids below one, the nearest first."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = [process]
    for parent in found:
        found += [child for child, above in pairs if above == parent]
    return found[1:]
