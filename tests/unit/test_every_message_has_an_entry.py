"""Whoever meets a message finds it, by its text, on the page that says what to do about it."""

from __future__ import annotations

import re

import pytest
from messages import PACKAGE, messages

PAGE = PACKAGE.parent / "docs/troubleshooting.md"
ENTRIES = ("### ", "- ")
LONG_ENOUGH = 20  # characters, to be found by a part of it
QUOTED = [
    text
    for line in PAGE.read_text().splitlines()
    if line.startswith(ENTRIES)
    for text in re.findall(r"`([^`]+)`", line)
]


def fixed(quoted: str) -> str:
    """Return the longest piece of an entry that is always the same."""
    return max((piece.strip(" :;,()") for piece in quoted.removeprefix("not active:").split("…")), key=len)


@pytest.mark.parametrize("text", sorted(messages()))
def test_it_is_on_the_page(text: str) -> None:
    found = any(text in quoted or (len(fixed(quoted)) >= LONG_ENOUGH and fixed(quoted) in text) for quoted in QUOTED)
    assert found, f"{messages()[text]}: an entry for {text!r} is missing in {PAGE.name}"


@pytest.fixture(scope="module")
def sources() -> str:
    kinds = ("*.py", "*.c", "*.pyx", "*.pxi", "*.sh")
    written = [path for kind in kinds for path in PACKAGE.rglob(kind) if not path.with_suffix(".pyx").exists()]
    return "\0".join(path.read_text() for path in [*written, *PACKAGE.glob("*.pyx")])


@pytest.mark.parametrize("quoted", sorted(set(QUOTED)))
def test_what_is_on_the_page_is_said_somewhere(quoted: str, sources: str) -> None:
    assert fixed(quoted) in sources
