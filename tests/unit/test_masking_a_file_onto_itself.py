"""`aigate mask F >> F` and `aigate mask < F >> F` are refused as cat(1) does, and leave the file as it was."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "one line\n"
COMMAND = [sys.executable, "-m", "aigate", "mask", "--preset", "all"]


def masked(script: str, file: Path) -> subprocess.CompletedProcess[str]:
    limited = f"ulimit -f 64; file=$1; shift; {script}"
    return subprocess.run(
        ["sh", "-c", limited, "sh", str(file), *COMMAND], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    "script", ['"$@" "$file" >> "$file"', '"$@" < "$file" >> "$file"', '"$@" < "$file" 1<> "$file"']
)
def test_it_is_refused(tmp_path: Path, script: str) -> None:
    file = tmp_path / "log"
    file.write_text(TEXT)
    done = masked(script, file)
    assert done.returncode == 1
    assert "input file is output file" in done.stderr
    assert file.read_text() == TEXT


def test_an_empty_file_and_another_one_are_fine(tmp_path: Path) -> None:
    file, other = tmp_path / "log", tmp_path / "other"
    file.write_text("")
    other.write_text(TEXT)
    assert masked('"$@" "$file" >> "$file"', file).returncode == 0
    assert masked(f'"$@" {other} >> "$file"', file).returncode == 0
    assert file.read_text() == TEXT
