"""What keeps a state belongs to one thread at a time, and says so; a refused input does not keep it busy."""

from __future__ import annotations

import os
import threading

import pytest

from aigate import Masker, Rule

AB = Masker([Rule("ab", "ab+", 1)])
FOREVER = -1


def test_a_stream_that_another_thread_is_in() -> None:
    stream = AB.stream(terminal=True)
    command, screen, alert = os.pipe(), os.pipe(), os.pipe()
    os.set_blocking(command[0], False)
    os.set_blocking(screen[1], False)
    thread = threading.Thread(target=stream.carry, args=(command[0], screen[1], alert[0], FOREVER, FOREVER))
    thread.start()
    os.write(command[1], b"one\n")
    assert os.read(screen[0], 100) == b"one\n"  # so it is in there now
    with pytest.raises(RuntimeError, match="one thread at a time"):
        stream.feed(b"two\n")
    os.close(command[1])
    thread.join()
    assert stream.feed(b"x ab\n") == b"x a***\n"
    for descriptor in (command[0], *screen, *alert):
        os.close(descriptor)


@pytest.mark.parametrize("data", ["text", None])
def test_a_search_goes_on_after_an_input_that_it_refuses(data: object) -> None:
    search = AB.search()
    with pytest.raises(TypeError):
        search.feed(data)  # type: ignore[arg-type]
    assert len(search.feed(b"x ab", final=True)) == 1


def test_a_stream_goes_on_after_an_input_that_it_refuses() -> None:
    stream = AB.stream()
    with pytest.raises(TypeError):
        stream.feed("text")  # type: ignore[arg-type]
    assert stream.feed(b"x ab\n") == b"x a***\n"
