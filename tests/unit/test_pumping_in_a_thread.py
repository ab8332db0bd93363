"""A thread's whole body is compiled: what fails in it is known to whoever started it, and said on no stream."""

from __future__ import annotations

import _thread
import inspect
import os

import pytest

from aigate import Masker
from aigate.masking.rule import Rule

MASKER = Masker([Rule("word", "sec[r]et")])


def ended(done: int) -> None:
    assert os.read(done, 1) == b""
    os.close(done)


def test_it_pumps_and_closes_what_it_was_given(capfd: pytest.CaptureFixture[str]) -> None:
    (source, given), (shown, target), (done, doing) = os.pipe(), os.pipe(), os.pipe()
    work = MASKER.pumping(source, target, doing)
    _thread.start_new_thread(work.run, ())
    os.write(given, b"a secret\n")
    os.close(given)
    ended(done)
    assert b"secret" not in os.read(shown, 100)
    assert (work.counts, work.failure) == ({"word": 1}, None)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(source)
    os.close(shown)
    os.close(target)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("bad", ["source", "target"])
def test_what_fails_is_kept(bad: str, capfd: pytest.CaptureFixture[str]) -> None:
    (source, given), (done, doing) = os.pipe(), os.pipe()
    os.write(given, b"text\n")
    os.close(given)
    target = os.open("/dev/full", os.O_WRONLY)
    if bad == "source":
        os.dup2(os.open("/", os.O_RDONLY | os.O_DIRECTORY), source)
    work = MASKER.pumping(source, target, doing)
    _thread.start_new_thread(work.run, ())
    ended(done)
    assert isinstance(work.failure, OSError)
    assert work.failure.filename == (source if bad == "source" else target)
    os.close(target)
    assert capfd.readouterr() == ("", "")


def test_no_python_function_is_called_in_the_thread() -> None:
    """Its first line would need memory, and Python tells nobody but standard error when there is none."""
    assert not inspect.isfunction(MASKER.pumping(0, 1, -1).run.__func__)
