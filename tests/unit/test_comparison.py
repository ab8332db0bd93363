"""What is said of a file whose lines cannot be shown is why."""

from __future__ import annotations

import os
import pathlib
import tempfile

from aigate.cli.comparison import LARGEST, comparison

NOBODY = 65534


def test_it_is_said_why_there_are_no_lines(tmp_path: pathlib.Path) -> None:
    text, binary, large = (tmp_path / name for name in ("text", "binary", "large"))
    text.write_bytes(b"a\n")
    binary.write_bytes(b"\0\1")
    large.write_bytes(b"x" * (LARGEST + 1))
    told = {new: list(comparison(str(text), str(new), "x")) for new in (binary, large)}
    assert told[binary] == ["no lines to show: it is no text (2 bytes -> 2 bytes)"]
    assert told[large] == [f"no lines to show: it is larger than {LARGEST:,} bytes (2 bytes -> {LARGEST + 1} bytes)"]
    [said] = comparison(str(binary), str(large), "x")
    assert said.startswith(f"no lines to show: it is no text and it is larger than {LARGEST:,} bytes (")


def test_a_file_that_cannot_be_read_is_not_called_binary() -> None:
    with tempfile.TemporaryDirectory() as place:
        pathlib.Path(place).chmod(0o755)
        shut = pathlib.Path(place, "shut")
        shut.write_bytes(b"a\n")
        shut.chmod(0)
        root = os.geteuid() == 0
        if root:
            os.seteuid(NOBODY)
        try:
            told = list(comparison(str(shut), f"{place}/none", "x"))
        finally:
            if root:
                os.seteuid(0)
    assert told == ["no lines to show: it cannot be read: Permission denied (2 bytes)"]
