"""A file object gives None where there is nothing to be read at the moment; that is no file's content."""

from __future__ import annotations

import os
import pathlib

import pytest

from aigate.reading import read_from


def test_it_is_an_error(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(tmp_path / "pipe", os.O_WRONLY)
    with open(reader, "rb") as file:
        for most in (-1, 10):
            with pytest.raises(BlockingIOError, match="nothing to be read"):
                read_from(file, most)
        os.write(writer, b"word")
        assert read_from(file, 10) == b"word"
    os.close(writer)
