"""What carries a terminal's output without Python, and when it gives Python its turn."""

from __future__ import annotations

import contextlib
import os
import pathlib
import socket
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


@contextlib.contextmanager
def command() -> Iterator[tuple[socket.socket, int]]:
    """A command's end, each of whose messages is read by itself, and ours."""
    theirs, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with theirs, ours:
        ours.setblocking(False)
        yield theirs, ours.fileno()


BLOCK = LINES[:3942]  # as many bytes as a pseudo-terminal gives at once, or nearly, and a line that has not ended
PROMPT = b"Go on? "


def test_a_prompt_behind_a_large_block_is_shown_at_once() -> None:
    stream = Masker(preset_rules("all")).stream(terminal=True)
    with command() as (says, source), pipe() as (screen, target), pipe() as (alert, _):
        says.send(BLOCK)
        says.send(BLOCK + b"\n" + PROMPT)
        assert stream.carry(source, target, alert, 0, 0) == (b"", True)
        assert os.read(screen, 1 << 16) == BLOCK * 2 + b"\n" + PROMPT
    assert stream.held == 0


def test_so_it_is_when_the_relay_is_asked_for_meanwhile() -> None:
    stream = Masker(preset_rules("all")).stream(terminal=True)
    block = BLOCK + b"\x1b[?25l\n" + BLOCK
    with command() as (says, source), pipe() as (_, target), pipe() as (alert, _):
        says.send(block + b"\n" + PROMPT)
        assert stream.carry(source, target, alert, 0, 0) == (block + b"\n" + PROMPT, True)


def test_a_secret_that_a_large_block_cuts_is_hidden() -> None:
    stream = Masker(preset_rules("all")).stream(terminal=True)
    key = b"sk-ant-" + b"EXAMPLEexample0123456789" * 2
    with command() as (says, source), pipe() as (screen, target), pipe() as (alert, _):
        says.send(BLOCK + b"\nkey " + key[:20])
        says.send(key[20:] + b" \n" + BLOCK + b"\n" + PROMPT)
        assert stream.carry(source, target, alert, 0, 0) == (b"", True)
        assert os.read(screen, 1 << 16) == BLOCK + b"\nkey sk-ant-*** \n" + BLOCK + b"\n" + PROMPT
