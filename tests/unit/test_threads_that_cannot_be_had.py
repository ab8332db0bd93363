"""Where no thread can be had, files are masked one by one, and who asks the hooks' service is let go and not kept."""

from __future__ import annotations

import os
import pathlib
import socket
import threading
from collections.abc import Callable

import pytest

from aigate import Masker
from aigate.hook.service import Service
from aigate.masking.files.work import in_order


def allow(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let only so many more threads start."""
    start: Callable[[threading.Thread], None] = threading.Thread.start
    left = [number]

    def once(thread: threading.Thread) -> None:
        if not left[0]:
            raise RuntimeError("can't start new thread")
        left[0] -= 1
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", once)


@pytest.mark.parametrize(("number", "threads"), [(0, 4), (1, 4), (4, 2)])
def test_files_are_still_masked_in_order(monkeypatch: pytest.MonkeyPatch, number: int, threads: int) -> None:
    allow(monkeypatch, number)
    assert list(in_order(range(20), lambda item: item * 2, threads)) == list(range(0, 40, 2))


def test_who_asks_is_let_go_and_the_next_one_answered(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    service = Service(str(tmp_path / "socket"), lambda: Masker([]), idle=60)
    serving = threading.Thread(target=service.serve, daemon=True)
    serving.start()
    while not (tmp_path / "socket").exists():
        assert serving.is_alive()
    with monkeypatch.context() as patch:
        allow(patch, 0)
        with connected(tmp_path) as asking:
            assert asking.recv(10) == b""
    (source, given), (shown, target) = os.pipe(), os.pipe()
    os.write(given, b"text")
    os.close(given)
    with connected(tmp_path) as asking:
        socket.send_fds(asking, [b"S"], [source, target])
        os.close(target)
        assert asking.recv(1) + asking.recv(1) == b"AK"
    assert os.read(shown, 10) == b"text"
    for descriptor in (source, shown):
        os.close(descriptor)


def connected(folder: pathlib.Path) -> socket.socket:
    asking = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    while asking.connect_ex(str(folder / "socket")):
        continue
    return asking


def test_a_stream_that_nobody_can_copy_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service("/nowhere", lambda: Masker([]))
    pipes = [os.pipe() for _ in range(4)]
    ours = [pipes[0][0], pipes[1][1], pipes[2][0], pipes[3][1]]
    left = list(ours)
    allow(monkeypatch, 0)
    with pytest.raises(RuntimeError):
        service._copy(Masker([]), left)
    assert left == ours, "whoever called closes them"
    for pipe in pipes:
        for descriptor in pipe:
            os.close(descriptor)
