"""`aigate mask -j` writes what one thread writes, in order; large input takes little memory, packed or not."""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
from typing import TYPE_CHECKING

import pytest
from mask_run import COMMAND, LINE, MASKED, mask

if TYPE_CHECKING:
    from pathlib import Path

SIZE = (4 << 30) if os.environ.get("AIGATE_TESTS") == "full" else (64 << 20)


def test_files_come_in_order(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}").write_text(f"{number} {LINE}" * (1 + number * 7919 % 5000))
    (tmp_path / "12.gz").write_bytes(gzip.compress(LINE.encode()))
    files = sorted(tmp_path.iterdir())
    one, two = (
        subprocess.run([*COMMAND, *options, *map(str, files)], capture_output=True, check=False)
        for options in ([], ["-j", "3"])
    )
    assert (two.returncode, two.stderr) == (0, b"")
    assert one.stdout == two.stdout
    assert gzip.decompress(one.stdout[one.stdout.rindex(b"\x1f\x8b\x08") :]).decode() == MASKED


def test_a_file_that_is_not_there_comes_in_its_turn(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(LINE)
    done = mask("-j", "2", tmp_path / "a", tmp_path / "none", tmp_path / "a")
    assert (done.returncode, done.stdout) == (1, MASKED)
    assert "cannot read" in done.stderr


@pytest.mark.parametrize("script", ['"$@" "$file" >> "$file"', '"$@" < "$file" >> "$file"'])
def test_a_file_onto_itself(tmp_path: Path, script: str) -> None:
    (tmp_path / "a").write_text(LINE)
    limited = f"ulimit -f 64; file=$1; shift; {script}"
    done = subprocess.run(
        ["sh", "-c", limited, "sh", str(tmp_path / "a"), *COMMAND, "-j", "2"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "input file is output file" in done.stderr
    assert (tmp_path / "a").read_text() == LINE


@pytest.mark.timeout(1800)  # four gigabytes, packed, in the full set
@pytest.mark.parametrize("packed", [False, True])
def test_memory_is_bounded(tmp_path: Path, packed: bool) -> None:
    file = tmp_path / ("a.gz" if packed else "a")
    line = b"an ordinary line of a log, with nothing in it at all\n" * 20_000
    with gzip.open(file, "wb", 1) if packed else file.open("wb") as out:
        for _ in range(SIZE // len(line)):
            out.write(line)
        out.write(LINE.encode())
    limit = 400 << 20  # of address space; the interpreter, RE2 and all rules included

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    done = subprocess.run(
        [*COMMAND, "--in-place", str(file)], preexec_fn=limited, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    with gzip.open(file) if packed else file.open("rb") as changed:
        changed.seek(-len(MASKED), os.SEEK_END) if not packed else changed.seek(SIZE // len(line) * len(line))
        assert changed.read().decode() == MASKED
