"""Every case of the table through every way into the masker."""

import os
import threading

import pytest
from masker_cases import CASES, Case

from aigate import Masker

EVERY_CASE = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def masker_of(case: Case) -> Masker:
    return Masker(case.rules) if case.max_line is None else Masker(case.rules, max_line=case.max_line)


def pumped(masker: Masker, data: bytes) -> bytes:
    """Return what `pump` makes of data, through two pipes."""
    source, sink = os.pipe(), os.pipe()

    def write() -> None:
        with open(source[1], "wb") as file:
            file.write(data)

    def pump() -> None:
        masker.pump(source[0], sink[1])
        os.close(sink[1])
        os.close(source[0])

    threads = [threading.Thread(target=work) for work in (write, pump)]
    for thread in threads:
        thread.start()
    with open(sink[0], "rb") as file:
        result = file.read()
    for thread in threads:
        thread.join()
    return result


@EVERY_CASE
def test_mask(case: Case) -> None:
    assert masker_of(case).mask(case.data) == case.masked


@EVERY_CASE
def test_stream_byte_by_byte(case: Case) -> None:
    stream = masker_of(case).stream()
    pieces = [stream.feed(case.data[at : at + 1]) for at in range(len(case.data))]
    assert b"".join(pieces) + stream.flush() == case.masked


@EVERY_CASE
def test_pump(case: Case) -> None:
    assert pumped(masker_of(case), case.data) == case.masked
