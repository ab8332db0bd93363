"""A colour change may stand at any place in or beside a secret: what is hidden is the same."""

from __future__ import annotations

import pytest
from choice import SEED, budget

from aigate import Masker
from aigate.masking.presets import PRESETS
from aigate.masking.rules import preset_rules

COLOUR = b"\x1b[38;5;9m"
BESIDE = (b"", b"x = ", b"see (", b"\t")
EVERY = budget(4, 2, 1)  # of what stands beside: the presets take turns


@pytest.fixture(scope="module")
def masker() -> Masker:
    return Masker(preset_rules("all"))


@pytest.mark.parametrize(("number", "name"), list(enumerate(sorted(PRESETS))), ids=sorted(PRESETS))
def test_a_colour_at_every_place_hides_the_same(masker: Masker, number: int, name: str) -> None:
    for before in BESIDE[(number + SEED) % EVERY :: EVERY]:
        text = before + PRESETS[name].example.split("\n", 1)[0].encode()
        plain = masker.mask(text)
        for at in range(len(text) + 1):
            coloured = masker.mask(text[:at] + COLOUR + text[at:])
            assert coloured.replace(COLOUR, b"") == plain, at


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_secret_at_the_end_of_a_long_block_without_a_line_end_is_hidden(masker: Masker, name: str) -> None:
    text = PRESETS[name].example.split("\n", 1)[0].encode()
    hidden = masker.mask(text)
    for size in range(120, 136):
        assert masker.mask(b" " * size + text) == b" " * size + hidden
