"""The default file does what its comments say: the masking pattern, and patterns that cost nothing at start."""

from __future__ import annotations

import pytest

from aigate import Masker
from aigate.config.load import default_layer
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
VALUES = ["hunter2", "s3cr3t-with-dashes", "x9" * 150]
QUOTED = ["correct horse battery 9", "pass, with (4) marks"]


@pytest.fixture(scope="module")
def masker() -> Masker:
    mask = default_layer(None).mask_stdout
    assert mask is not None
    return Masker(rules_from(mask))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_value_alone_is_hidden(masker: Masker, name: str, spelling: str) -> None:
    for value in [*VALUES, *(QUOTED if '": "' in spelling and "\\" not in spelling else [])]:
        masked = masker.mask(spelling.format(name, value).encode()).decode()
        assert masked == spelling.format(name, "***")


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


def test_what_follows_a_quoted_value_stays(masker: Masker) -> None:
    line = b'{"user": "bob", "password": "x y z 1", "port": 80}'
    assert masker.mask(line) == b'{"user": "bob", "password": "***", "port": 80}'


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
