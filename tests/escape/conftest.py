"""What holds for every attack."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _nothing_is_mounted_afterwards() -> Iterator[None]:
    before = pathlib.Path("/proc/self/mountinfo").read_text()
    yield
    assert pathlib.Path("/proc/self/mountinfo").read_text() == before
