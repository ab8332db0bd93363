"""Which values count as secret, and that they are hidden however they are written."""

import base64
import html
import json
import urllib.parse

import pytest

from aigate import Masker
from aigate.masking.values import assignments, chosen, rules_for

SECRET = "tr0ub4dor&3/+'x\"Zq9"


def test_files_of_assignments_are_read_as_shells_write_them() -> None:
    text = "# note\nexport A=1\nB='x y'\nC=\"z\" # why\nD=bare # why\n=none\nbad name=1\nE=a=b\n"
    assert assignments(text) == [("A", "1"), ("B", "x y"), ("C", "z"), ("D", "bare"), ("E", "a=b")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2hunter2"), ("API_KEY", "Kp9-zTw2Lm"), ("ANYTHING", "q8Zr2Vx7Lp4Tn6Ws"),
        ("X", "4f9c2d71a0b8e6351f7d9a2c4e6b8d0f"), ("TOKEN", "a\nq8Zr2Vx7Lp4Tn6Ws\n"),
    ],
)  # fmt: skip
def test_these_count(name: str, value: str) -> None:
    assert len(chosen([(name, value)])) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_NAME", "shop"), ("SECRET", "short1"), ("TOKEN", "12345678"), ("AUTH", "required"),
        ("PASSWORD", "aaaaaaaa1"),
        ("HOST", "db-01.internal.example.org"), ("REGION", "eu-central-1"),
        ("SSH_AUTH_SOCK", "/tmp/ssh-Xq8Zr2Vx7/agent.1"),
        ("URL", "https://example.org/a1b2c3d4e5"), ("SECRET_PATH", "my-Project-2"), ("PASSWORD", "Development"),
        ("DATE", "2026-03-14T10:00:00"), ("KEY", "a\nb\nshort9"),
    ],
)  # fmt: skip
def test_these_do_not(name: str, value: str) -> None:
    assert chosen([(name, value)], public=("/home/jo/my-Project-2/src",)) == ()


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
    masker = Masker(rules_for(chosen([("DB_PASSWORD", SECRET)])))
    assert masker.mask(f"<{written}>".encode()) == b"<***>"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", range(6))
def test_a_value_is_hidden_within_base64(encode, before: int) -> None:
    masker = Masker(rules_for(chosen([("DB_PASSWORD", SECRET)])))
    masked = masker.mask(encode(b"u" * before + SECRET.encode() + b":tail"))
    assert masked.count(b"***") == 1
    assert len(masked) < before * 2 + 16


def test_the_longest_of_two_that_begin_alike_is_hidden() -> None:
    values = chosen([("A_TOKEN", "q8Zr2Vx7Lp"), ("B_TOKEN", "q8Zr2Vx7Lp4Tn6Ws")])
    assert Masker(rules_for(values)).mask(b"q8Zr2Vx7Lp4Tn6Ws q8Zr2Vx7Lp.") == b"*** ***."
