"""Whoever meets a message finds it, by its text, on the page that says what to do about it."""

from __future__ import annotations

import re

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


def test_each_is_on_the_page() -> None:
    known = [(quoted, fixed(quoted)) for quoted in QUOTED]
    for text, place in messages().items():
        found = any(text in quoted or (len(part) >= LONG_ENOUGH and part in text) for quoted, part in known)
        assert found, f"{place}: an entry for {text!r} is missing in {PAGE.name}"


def test_what_is_on_the_page_is_said_somewhere() -> None:
    kinds = ("*.py", "*.c", "*.pyx", "*.pxi", "*.sh")
    written = [path for kind in kinds for path in PACKAGE.rglob(kind) if not path.with_suffix(".pyx").exists()]
    sources = "\0".join(path.read_text() for path in [*written, *PACKAGE.glob("*.pyx")])
    assert [quoted for quoted in QUOTED if fixed(quoted) not in sources] == []
