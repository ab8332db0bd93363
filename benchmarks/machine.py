"""Where a measurement was made, for the head of every results file."""

from __future__ import annotations

import os
import pathlib
import platform
import subprocess


def describe() -> str:
    """Return the machine, the kernel and the versions of what takes part, a line each."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    lines = [
        f"machine: {os.cpu_count()} x {model}, Linux {platform.release()}",
        f"python: {platform.python_version()}",
        f"bwrap: {_version('bwrap')}",
        f"load when it began: {os.getloadavg()[0]:.1f}",
    ]
    return "\n".join(lines)


def _version(tool: str) -> str:
    return subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout.strip()
