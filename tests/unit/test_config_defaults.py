"""The default file does what its comments say: the masking pattern, and patterns that cost nothing at start."""

from __future__ import annotations

import pytest

from aigate import Masker
from aigate.config.load import default_layer
from aigate.config.model import MaskStdout
from aigate.masking.rules import rules_from
from aigate.policy.commands import parse_commands
from aigate.policy.hosts import parse_hosts
from aigate.policy.patterns import parse_patterns

NAMES = ["api_key", "secret", "password", "passwd", "token", "credential", "API_KEY", "Password", "apiKey", "api-key"]
SPELLINGS = [
    "{}={}", "{} = {}", "{}: {}", "{}:{}", "{}\t=\t{}", "'{}': '{}'", '"{}": "{}"', '"{}":"{}"', '"{}" : "{}",',
    "{}='{}'",
    '{}="{}"', "{} := {}", "'{}' => '{}'", '\\"{}\\": \\"{}\\"', '{{\\"{}\\":\\"{}\\"}}', "export {}={}", '{}="{}',
    "--{}={}", "?{}={}&user=me", "my_{}={}",
]  # fmt: skip
VALUES = ["hunter2", "0", "s3cr3t-with-dashes", "päß", "a,b;c", "=x", "x" * 300]
QUOTED = ["correct horse battery", "{a: [b]}", 'it\\"s', "a\\\\"]


@pytest.fixture(scope="module")
def masker() -> Masker:
    mask = default_layer(None).mask_stdout
    assert mask is not None
    return Masker(rules_from(MaskStdout((), mask.patterns)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_byte_of_a_value_is_shown(masker: Masker, name: str, spelling: str) -> None:
    for value in [*VALUES, *(QUOTED if '": "' in spelling and "\\" not in spelling else [])]:
        line = spelling.format(name, value)
        shown, hidden, _ = masker.mask(line.encode()).decode().partition("***")
        end = line.index(name) + len(name)
        assert hidden
        assert line[: line.index(value, end)].startswith(shown)
        assert len(shown) >= end - 2 * (name == "credential")


@pytest.mark.parametrize(
    "line",
    [
        "the password is wrong",
        "tokens: 12 of 200",
        "secretary: Ann",
        "password:",
        "token =",
        "a secret",
        "tokenize(x)",
        "password?",
    ],
)
def test_what_is_no_value_stays(masker: Masker, line: str) -> None:
    assert masker.mask(line.encode()).decode() == line


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("DB_PASSWORD=hunter2", "DB_PASSWORD=***"),
        ("GITHUB_TOKEN: abc", "GITHUB_TOKEN:***"),
        ("client_secret = abc", "client_secret ***"),
        ('"api_key": "x y"', '"api_key***'),
        ("credential: x", "credenti***"),
    ],
)
def test_names_stay_readable(masker: Masker, line: str, shown: str) -> None:
    assert masker.mask(line.encode()).decode() == shown


def test_what_follows_a_quoted_value_stays(masker: Masker) -> None:
    line = b'{"user": "bob", "password": "x y z", "port": 80}'
    assert masker.mask(line) == b'{"user": "bob", "password"***, "port": 80}'


def test_all_entries_mean_something() -> None:
    layer = default_layer(None)
    parse_patterns((*(layer.deny_read or ()), *(layer.deny_write or ())), "/home/user")
    parse_commands(layer.deny_exec or ())
    parse_hosts(layer.allow_net or ())


def test_no_default_pattern_needs_a_regular_expression() -> None:
    """`re` takes 6 ms to import; names with at most one star are matched without it."""
    layer = default_layer(None)
    paths = [
        part for e in (*(layer.deny_read or ()), *(layer.deny_write or ())) for part in e.text.lstrip("!").split("/")
    ]
    for part in [*paths, *(entry.text for entry in layer.deny_env or ())]:
        assert part == "**" or (part.count("*") <= 1 and not set(part) & set("?[\\")), part
