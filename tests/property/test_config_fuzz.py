"""Whatever stands in a config file, it is read or it is a ConfigError: nothing else, and on both YAML loaders alike."""

from __future__ import annotations

import contextlib
from typing import Any

import yaml
from config_cases import BROKEN
from hypothesis import given
from hypothesis import strategies as st

from aigate.config import schema, tree
from aigate.config.load import default_bytes
from aigate.errors import ConfigError

DEFAULT = default_bytes()
PIECES = [
    b"\n",
    b" ",
    b"\t",
    b":",
    b"-",
    b"[",
    b"]",
    b"{",
    b"}",
    b"'",
    b'"',
    b"&a",
    b"*a",
    b"!x",
    b"|\n",
    b">\n",
    b"---\n",
    b"...\n",
    b"%YAML 1.1\n",
    b"<<",
    b"?",
    b"#",
    b"\0",
    b"\xff",
    b"\xe2\x80\xa8",
    b"\r",
    b"~",
    b"deny_read",
    b"1e5",
    b"@",
]


def outcome(data: bytes, loader: object) -> tuple[dict[str, Any] | None, str]:
    """Return what is read, or the message."""
    before, tree.LOADER = tree.LOADER, loader
    try:
        return schema.check(data, "c", project=False), ""
    except ConfigError as error:
        return None, error.message
    finally:
        tree.LOADER = before


def check(data: bytes) -> None:
    slow, message = outcome(data, yaml.SafeLoader)
    assert message == "" or message.isprintable()
    if yaml.__with_libyaml__:
        fast, message = outcome(data, yaml.CSafeLoader)
        assert message == "" or message.isprintable()
        if slow is not None and fast is not None:
            assert slow == fast


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=20).map(b"".join))
def test_pieces(data: bytes) -> None:
    check(data)


@given(st.text(max_size=60))
def test_text_as_a_value(text: str) -> None:
    check(b"deny_read:\n  - " + text.encode("utf-8", "surrogatepass"))


@given(st.data())
def test_damaged_defaults(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(DEFAULT)))
    cut = data.draw(st.sampled_from([0, 1, 5, 100]))
    check(DEFAULT[:at] + data.draw(st.sampled_from(PIECES)) + DEFAULT[at + cut :])


@given(st.sampled_from([case[1] for case in BROKEN]), st.sampled_from([case[1] for case in BROKEN]))
def test_two_broken_files_in_a_row(first: bytes, second: bytes) -> None:
    check(first + second)


@given(st.binary(max_size=30))
def test_editing_any_file(data: bytes) -> None:
    from aigate.config import edit

    with contextlib.suppress(ConfigError):
        result = edit.edited(data, "c", "deny_read", lambda _: edit.Change(add=["new"]), project=False)
        assert ("new", result.decode().count("\n", 0, result.decode().rindex("new")) + 1) in schema.check(
            result, "c", project=False
        )["deny_read"]
