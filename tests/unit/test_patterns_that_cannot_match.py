"""A pattern that can never match is an error that says how to write it; what only looks like one is taken."""

from __future__ import annotations

import pytest

from aigate.config.model import Entry
from aigate.errors import ConfigError
from aigate.policy.patterns import parse_patterns


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("$HOME/x", "the variable HOME", "write ~/x"),
        ("${HOME}/x", "the variable HOME", "write ~/x"),
        ("!$HOME/x", "the variable HOME", "write ~/x"),
        ("$HOME", "the variable HOME", "write ~/"),
        ("%USERPROFILE%/x", "the variable USERPROFILE", "write ~/x"),
        ("$XDG_CONFIG_HOME/x", "the variable XDG_CONFIG_HOME", "its value"),
        ("config/$STAGE/x", "the variable STAGE", "\\$STAGE"),
        ("a/prod.${STAGE}.env", "the variable STAGE", "its value"),
        ("{a,b}.env", "braces", "a.env and b.env;"),
        ("x/{a,b,c,d}", "braces", "x/a and x/b and x/c and so on"),
        ("~root/x", "the home of root", "/root/x"),
        ("~mary-ann/x", "the home of mary-ann", "/home/mary-ann/x"),
        ("file:///etc/x", "an address (file://)", "write /etc/x"),
        ("https://a.test/x", "an address (https://)", "the path of a file"),
        ('".env"', "in quotes", "write .env"),
        ("'a b'", "in quotes", "write a b"),
        ("C:\\Users\\x", "a drive letter", "/mnt/c/Users/x"),
        ("c:/x", "a drive letter", "/mnt/c/x"),
        ("secrets\\key", "a backslash before 'k'", "secrets/key"),
        ("x\\", "ends in a backslash", "\\\\"),
        (".env ", "ends in a blank", "take it away"),
        (".env\t", "ends in a blank", "take it away"),
        (" .env", "begins with a blank", "take it away"),
        ("x[z-a]", "runs backwards", "\\["),
        ("x[", "never closed", "\\["),
        ("x[[:letter:]]", "a class of characters that there is not", "\\["),
    ],
)
def test_it_is_an_error(text: str, what: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_patterns([Entry(text, "config.yaml", 7)], "/home/me")
    assert caught.value.message.startswith(f"config.yaml:7: pattern {text!r} ")
    assert what in caught.value.message
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    "text",
    [
        "\\$HOME/x", "$RECYCLE.BIN/", "a$b", "{x}", "{{cookiecutter.name}}/x", "\\{a,b}", "${{ values.x }}", "~$*.docx",
        "*~", "~", "~/x", "\\~x", "x:y", "a b", ".env\\ ", "\\*", "[[:space:]]", "100%", "x[a-z]",
    ],
)  # fmt: skip
def test_what_can_match_is_taken(text: str) -> None:
    assert parse_patterns([Entry(text, "config.yaml", 7)], "/home/me")
