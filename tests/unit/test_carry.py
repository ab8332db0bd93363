"""What carries a terminal's output without Python, and when it gives Python its turn."""

from __future__ import annotations

import contextlib
import os
import pathlib
import threading
import time
from collections.abc import Iterator

import pytest

from aigate import Masker
from aigate.masking.rules import preset_rules

PATIENT = 10_000  # milliseconds
LINES = b"2031-04-05T06:07:08 INFO worker-17 sk-request 200 OK, path=/api/v1/items/4711\n" * 5000


@contextlib.contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe of two non-blocking ends."""
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    try:
        yield ends
    finally:
        for end in ends:
            with contextlib.suppress(OSError):
                os.close(end)


@pytest.fixture
def output(tmp_path: pathlib.Path) -> Iterator[int]:
    """A command that has said LINES."""
    (tmp_path / "lines").write_bytes(LINES)
    descriptor = os.open(tmp_path / "lines", os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def read_slowly(source: int, into: list[bytes]) -> None:
    """Read until the end of input."""
    while not into or into[-1]:
        time.sleep(0.0005)
        with contextlib.suppress(BlockingIOError):
            into.append(os.read(source, 1 << 14))


def test_a_terminal_that_is_slower_than_the_command_is_waited_for(output: int) -> None:
    stream = Masker(preset_rules("all")).stream(terminal=True)
    seen: list[bytes] = []
    with pipe() as (screen, target), pipe() as (alert, _):
        reader = threading.Thread(target=read_slowly, args=(screen, seen))
        reader.start()
        rest = stream.carry(output, target, alert, PATIENT, PATIENT)
        os.close(target)
        reader.join()
    assert rest == (b"", False)
    assert b"".join(seen) == LINES


def test_one_that_takes_nothing_is_not_waited_for_beyond_the_grace(output: int) -> None:
    stream = Masker([]).stream(terminal=True)
    with pipe() as (screen, target), pipe() as (alert, _):
        rest, is_open = stream.carry(output, target, alert, -1, 2)
        assert is_open
        assert rest
        shown = b""
        with contextlib.suppress(BlockingIOError):
            while True:
                shown += os.read(screen, 1 << 16)
    assert LINES.startswith(shown + rest)
    assert os.lseek(output, 0, os.SEEK_CUR) == len(shown + rest)


def test_a_full_terminal_does_not_keep_keys_waiting(output: int) -> None:
    stream = Masker([]).stream(terminal=True)
    with pipe() as (_, target), pipe() as (alert, key):
        threading.Timer(0.05, os.write, (key, b"q")).start()
        started = time.monotonic()
        rest, is_open = stream.carry(output, target, alert, -1, PATIENT)
    assert time.monotonic() - started < PATIENT / 2000
    assert is_open
    assert rest


def test_a_flood_does_not_keep_keys_waiting(tmp_path: pathlib.Path) -> None:
    (tmp_path / "flood").touch()
    os.truncate(tmp_path / "flood", 1 << 26)
    flood = os.open(tmp_path / "flood", os.O_RDONLY)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        with pipe() as (alert, key):
            os.write(key, b"q")
            _, is_open = Masker([]).stream(terminal=True).carry(flood, nowhere, alert, -1, 0)
        assert is_open
        assert os.lseek(flood, 0, os.SEEK_CUR) <= 1 << 18
    finally:
        os.close(flood)
        os.close(nowhere)
