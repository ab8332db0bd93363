"""Runs `aigate mask` with every preset, for tests of what it does with files."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-ant-api03-abcdefghij0123456789"
LINE, MASKED = f"key {KEY} foo\n", "key sk-ant-*** foo\n"
COMMAND = [sys.executable, "-m", "aigate", "mask", "--preset", "all"]


def mask(*words: str | Path, cwd: Path | None = None, user: int | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, words)], cwd=cwd, capture_output=True, text=True, check=False, timeout=120, user=user
    )
