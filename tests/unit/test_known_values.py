"""Known values are hidden however they are written, and those that cannot be are refused."""

import base64
import hashlib
import html
import json
import subprocess
import urllib.parse

import pytest

from aigate import Masker, Rule
from aigate._masker import spellings
from aigate.errors import RuleError

SECRET = "tr0ub4dor&3/+'x\"Zq9"


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps(SECRET)[1:-1],
        SECRET.replace("'", "'\\''"),
        urllib.parse.quote(SECRET, safe=""),
        html.escape(SECRET).replace("&#x27;", "&#39;"),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
    ],
)
def test_a_value_is_hidden_as_it_is_and_escaped(written: str) -> None:
    masker = Masker(values=[SECRET])
    assert masker.mask(f"<{written}>".encode()) == b"<***>"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", range(6))
def test_a_value_is_hidden_within_base64(encode, before: int) -> None:
    masker = Masker(values=[SECRET])
    masked = masker.mask(encode(b"u" * before + SECRET.encode() + b":tail"))
    assert masked.count(b"***") == 1
    assert len(masked) < before * 2 + 16


def test_the_longest_of_two_that_begin_alike_is_hidden() -> None:
    assert Masker(values=["q8Zr2Vx7Lp", "q8Zr2Vx7Lp4Tn6Ws"]).mask(b"q8Zr2Vx7Lp4Tn6Ws q8Zr2Vx7Lp.") == b"*** ***."


def test_values_that_share_bytes_are_both_hidden() -> None:
    masker = Masker(values=["abcdefgh", "fghijklm"])
    assert masker.mask(b"-abcdefghijklm-") == b"-***-"


def test_a_value_is_hidden_through_colours_and_links() -> None:
    masker = Masker(values=["q8Zr2Vx7Lp"])
    assert masker.mask(b"q8\x1b[31mZr2V\x1b]8;;u\x1b\\x7Lp.\n") == b"***\x1b[31m\x1b]8;;u\x1b\\.\n"


def test_values_are_counted_together_and_beside_rules() -> None:
    stream = Masker([Rule("number", "[0-9]{6}")], values=["q8Zr2Vx7Lp", "Tn6Ws4Qy1K"]).stream()
    assert stream.feed(b"123456 q8Zr2Vx7Lp Tn6Ws4Qy1K\nq8Zr2Vx7Lp\n") == b"*** *** ***\n***\n"
    assert stream.counts == {"number": 1, "value": 3}


def test_a_search_tells_where_a_value_stands() -> None:
    search = Masker(values=["q8Zr2Vx7Lp"]).search()
    assert [found[1:3] for found in search.feed(b"ab q8Zr2Vx7Lp\n", final=True)] == [(3, 13)]


@pytest.mark.parametrize("text", [SECRET, "a b,c~d#e!f$g`h", "#~begins", "{a}[b]*?<>|&;()^"])
def test_what_bash_makes_of_a_value_is_known(text: str) -> None:
    quoted = subprocess.run(["bash", "-c", 'printf %q "$1"', "-", text], capture_output=True, check=True).stdout
    assert quoted in spellings(text)


def test_ten_thousand_values_are_all_found() -> None:
    values = [hashlib.sha256(b"%d" % number).hexdigest()[: 8 + number % 40] for number in range(10_000)]
    masked = Masker(values=values).mask("\n".join(f"<{value}>" for value in values).encode())
    assert masked.split(b"\n") == [b"<***>"] * len(values)


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("abc", "value 1 has 3 bytes: it must have from 4 to 4096"),
        ("x" * 4097, "value 1 has 4097 bytes"),
        ("one\ntwo", "value 1 holds a line end"),
        (b"one\rtwo", "value 1 holds a line end"),
    ],
)
def test_values_that_cannot_be_hidden_are_refused_and_never_told(value: str | bytes, complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint) as caught:
        Masker(values=["good-one", value])
    assert str(value) not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("values", ["text", b"bytes", [7], [None]])
def test_values_are_texts(values) -> None:
    with pytest.raises(TypeError):
        Masker(values=values)
