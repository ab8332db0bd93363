"""Texts that lie behind one another are masked as each is by itself, wherever one ends."""

from __future__ import annotations

import os
from itertools import accumulate, pairwise

import pytest
from choice import budget
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aigate import Masker, Rule
from aigate.masking.rules import preset_rules

CASES = int(os.environ.get("AIGATE_RANDOM_CASES", "0")) // 10 or budget(1_000, 2_000, 20_000)
GITHUB = b"ghp_" + b"a1B2c3D4e5" * 4
MASKERS = {
    "all": Masker(preset_rules("all")),
    "few": Masker([*preset_rules("github"), Rule("end", "key-[a-z]{4,}$"), Rule("begin", "^id [0-9]{4,}")]),
    "values": Masker(preset_rules("github"), values=["correct horse battery"]),
    "any": Masker([Rule("digits", "[0-9]{4,}"), *preset_rules("github")]),  # which has no fingerprint
}
PIECES = (
    GITHUB,
    b"ghp_",
    b"a1B2c3D4e5",
    b"A",
    b"x9",
    b"_",
    b" ",
    b".",
    b"=",
    b'"',
    b"\n",
    b"\r\n",
    b"\xc3\xa9",
    b"\xff",
    b"password",
    b"hunter2x9Q",
    b"key-abcd",
    b"id 12345",
    b"correct horse ",
    b"battery",
    b"\x1b[31m",
    b"\x1b",
    b"\x1b]0;",
    b"\x07",
    b"-----BEGIN RSA PRIVATE KEY-----",
    b"MIIEpAIBAAKCAQEA" * 4,
    b"-----END RSA PRIVATE KEY-----",
    b"what a build prints ",
)
text = st.one_of(st.just(b""), st.lists(st.sampled_from(PIECES), max_size=6).map(b"".join))


def column(masker: Masker, texts: list[bytes], width: int) -> tuple[list[bytes], dict[str, int]]:
    """Return the texts of a masked column, and the counts."""
    offsets = [0, *accumulate(len(one) for one in texts)]
    made, counts = masker.column(b"".join(texts), b"".join(at.to_bytes(width, "little") for at in offsets), width=width)
    if made is None:
        return texts, counts
    masked, places = made
    ends = [int.from_bytes(places[at : at + width], "little") for at in range(0, len(places), width)]
    return [bytes(memoryview(masked)[begin:end]) for begin, end in pairwise(ends)], counts


def alone(masker: Masker, texts: list[bytes]) -> tuple[list[bytes], dict[str, int]]:
    """Return the texts, each masked by itself, and the counts of all."""
    masked, counts = [], dict.fromkeys(masker.names, 0)
    for one in texts:
        stream = masker.stream()
        masked.append(stream.feed(one) + stream.flush())
        seen = stream.counts
        counts = {name: count + seen[name] for name, count in counts.items()}
    return masked, counts


@settings(max_examples=CASES, deadline=None)
@given(st.sampled_from(sorted(MASKERS)), st.lists(text, min_size=1, max_size=30), st.sampled_from((4, 8)))
@example("few", [b"A", GITHUB, b"A"], 4)
@example("few", [b"A" + GITHUB, GITHUB + b"=", b"\x1b[31"], 4)
@example("few", [b"key-abcd", b"efgh 1", b"x ", b"id 1234"], 8)
@example("few", [GITHUB[:20], GITHUB[20:]], 4)
@example("few", [b"\x1b", b"[31m" + GITHUB, b"\x1b]0;", GITHUB, b"\x07"], 4)
def test_each_text_is_masked_as_if_it_were_alone(which: str, texts: list[bytes], width: int) -> None:
    masker = MASKERS[which]
    assert column(masker, texts, width) == alone(masker, texts)


def test_a_text_that_is_longer_than_a_window_is_masked_in_windows() -> None:
    masker = Masker([Rule("r", "qz[a-z]{40}$")], max_line=64)
    texts = [b"x", b"x" * 22 + b"qz" + b"a" * 40 + b"_" * 3 + b"a" * 100, b"y"]
    masked, counts = column(masker, texts, 4)
    assert (masked, counts) == alone(masker, texts)
    assert masked[1].endswith(b"***")


def test_what_is_hidden_and_looks_as_before_is_counted() -> None:
    masker = Masker([Rule("r", r"pw=(?P<secret>\*\*\*)")])
    assert column(masker, [b"pw=***"], 4) == ([b"pw=***"], {"r": 1})


def test_offsets_that_are_not_there_are_refused() -> None:
    masker = MASKERS["few"]
    for first, count in ((2, None), (1 << 62, 1), (1 << 62, 10**7), ((1 << 64) - 1, None), (0, 2), (1, 1)):
        with pytest.raises(ValueError, match="fewer offsets"):
            masker.column(b"abcd", bytes((0, 0, 0, 0, 4, 0, 0, 0)), first=first, count=count)
