"""A token that a colour cuts is hidden however far other colours are, and where the look at the text began."""

from __future__ import annotations

import re

import pytest

from aigate import Masker, Rule

TOKEN = b"ghp_" + b"0123456789abcdefghijABCDEFGHIJ456789"
SEQUENCE = re.compile(rb"\x1b\[[0-9;]*m")
RULES = [Rule("github", "ghp_[A-Za-z0-9]{36}", 4), Rule("key", r"private_key_id: \S+", 16)]


def text_before(size: int) -> bytes:
    """Return so many bytes that hold nothing."""
    return (b"some words of a log " * (size // 20 + 1))[: size - 1] + b" "


@pytest.mark.parametrize("first", [b"", b"\x1b[1m"], ids=["no colour before", "a colour before"])
@pytest.mark.parametrize("secret", [TOKEN, b"private_key_id: 0123456789"], ids=["prefix", "name"])
def test_a_colour_in_a_token_at_any_distance(first: bytes, secret: bytes) -> None:
    masker = Masker(RULES)
    for size in (*range(490, 535), *range(1000, 1050), *range(2040, 2060)):
        plain = text_before(size)
        expected = masker.mask(plain + secret + b"\n")
        assert secret not in expected
        for cut in (0, 1, 2, 3, 4, 5, 8, 15, len(secret)):
            coloured = first + plain + secret[:cut] + b"\x1b[31m" + secret[cut:] + b"\x1b[0m\n"
            assert SEQUENCE.sub(b"", masker.mask(coloured)) == expected, (size, cut)


def test_a_flood_of_colours_in_a_token() -> None:
    masker = Masker(RULES)
    flood = b"\x1b[31m" * 5000
    for size in (3, 20, 511, 512, 1023, 1024):
        out = masker.mask(text_before(size) + TOKEN[:3] + flood + TOKEN[3:] + flood + b"\n")
        assert SEQUENCE.sub(b"", out) == text_before(size) + b"ghp_***\n"


def test_what_follows_an_escape_that_begins_no_sequence_is_text() -> None:
    masker = Masker(RULES)
    for size in (0, 1, 500, 512, 520, 1024):
        line = b"\x1b\x01" * 3 + b"a " * size + b"\x1b\x01 " + TOKEN + b" \x1b\x01\n"
        assert masker.mask(line) == line.replace(TOKEN, b"ghp_***")
