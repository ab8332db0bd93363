"""A file object gives None where there is nothing to be read at the moment; nobody takes that for a file's content."""

from __future__ import annotations

import ast
import os
import pathlib

import pytest

import aigate
from aigate.reading import read_from

PACKAGE = pathlib.Path(aigate.__file__).parent
OBJECTS = ("file", "pipe", "said", "stream")  # what file objects are called in aigate
OTHERWISE = {
    "reading.py",
    "share.py",
    "inside.py",
}  # the one place; one that takes None for nothing; a program of its own


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


def test_everybody_reads_like_that() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.name in OTHERWISE:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "read":
                assert not (isinstance(node.func.value, ast.Name) and node.func.value.id in OBJECTS), (
                    path,
                    node.lineno,
                )
