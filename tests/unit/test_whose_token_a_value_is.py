"""Where a value is a vendor's token, its beginning stays readable beside the name, too: `GITHUB_TOKEN=ghp_***`."""

from __future__ import annotations

import pytest
from literal import BEGINNINGS

from aigate import Masker
from aigate.masking.rules import preset_rules

BY_NAME = Masker(preset_rules("key_value"))
ALL = Masker(preset_rules("all"))
REST = b"aB3dE5fG7haB3dE5fG7h"


@pytest.mark.parametrize("beginning", BEGINNINGS, ids=bytes.decode)
@pytest.mark.parametrize("line", [b"MY_TOKEN=%s", b'"apiKey": "%s",'])
def test_its_beginning_is_readable(beginning: bytes, line: bytes) -> None:
    assert BY_NAME.mask(line % (beginning + REST)) == line % (beginning + b"***")


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        (b"GITHUB_TOKEN=ghp_aB3dE5fG7haB3dE5fG7haB3dE5fG7haB3dE5", b"GITHUB_TOKEN=ghp_***"),
        (b"ANTHROPIC_API_KEY: sk-ant-api03-" + REST * 5, b"ANTHROPIC_API_KEY: sk-ant-***"),
        (b"TOKEN=ghp_short1", b"TOKEN=***"),
        (b"TOKEN='ghp_what is this 1234567890'", b"TOKEN='***'"),
        (b"PASSWORD=my_own_aB3dE5fG7haB3dE5", b"PASSWORD=***"),
        (b"PASSWORD=secret_aB3dE5fG7haB3dE5", b"PASSWORD=***"),
    ],
)
def test_and_nothing_else_is(line: bytes, masked: bytes) -> None:
    assert ALL.mask(line) == masked
