"""Values that an expression matches much further than they go: long lines without a blank, of many names and values."""

from __future__ import annotations

import random

import pytest
from choice import budget
from reference import mask as reference_mask

from aigate import Masker, Rule
from aigate.masking.rules import preset_rules

KEY_VALUE = tuple(rule for rule in preset_rules("all") if rule.name in {"key_value", "database_url", "basic_auth"})
MASKERS = {"all": Masker(preset_rules("all")), "names": Masker(KEY_VALUE)}
SECRET = b"a1b2c3d4e5f6"
REPEATED = [
    *(b"token=%s" % SECRET + end for end in (b";", b"&", b"<", b"\\", b",")),
    b"password=x1y2z3w4,",
    b"api_key=>a1b2c3d4e5f6g7,",
    b"--password=a1b2c3d4;",
    b"postgres://:w0rd@",
    b"redis://:p1a2s3@h/",
    b"https://u:pa1s2s3@",
    b"\xc3\xa9token=a1b2c3d4e5f6;",
]
PIECES = (
    *(b"password", b"token", b"api_key", b"DB_PASSWORD", b"x-secret"),
    *(b"=", b"=", b":", b"=>", b"->", b";", b"&", b",", b"|", b"<", b">", b"@", b"://"),
    *(b"postgres://", b"https://u:", SECRET, SECRET, b"hunter2abc9", b"null", b"true", b"x", b'"', b"'", b"\\"),
    *(b"\xff", b"\xc3\xa9", b"\xe2\x86\x92", b"{", b"}", b"(", b")", b"0", b"-", b"_", b".", b"/", b"?", b"#"),
    *(b"y" * 70, b"%3D", b"&quot;", b"\x1b[31m"),
)


@pytest.mark.parametrize("end", [b"&", b";", b",", b"|"])
@pytest.mark.parametrize("rejected", [b"null", b"true", b"x"])
def test_behind_a_rejected_value_the_next_name_is_found(end: bytes, rejected: bytes) -> None:
    for tail in (b"", b"y" * 40, b"y" * 200):
        line = b"token=%s%spassword=hunter2abc9%sx=%s" % (rejected, end, end, tail)
        masked = MASKERS["all"].mask(line)
        assert b"hunter2" not in masked, masked
        assert masked == line.replace(b"hunter2abc9", b"***")
        assert masked == reference_mask(preset_rules("all"), line)[0]


@pytest.mark.parametrize("unit", REPEATED, ids=repr)
def test_each_of_many_in_one_line_is_masked_as_the_first_are(unit: bytes) -> None:
    """All of it is looked at a few times only; this says that nothing else is hidden for it."""
    few, many = MASKERS["all"].mask(unit * 40), MASKERS["all"].mask(unit * 4000)
    assert SECRET not in many
    assert many.count(b"***") == 4000
    assert many.startswith(few[: len(few) // 2])
    assert set(many.split(b"***")[2:-1]) == set(few.split(b"***")[2:-1])


@pytest.mark.parametrize(
    "regex", [r"key\b=?(?P<secret>\S+)", r"key=(?P<secret>[^ ]{1,300})", r"key\b=(?P<secret>[^ ]{1,300})"]
)
@pytest.mark.parametrize("behind", [b"", b" and key: more", b'\xc3\xa9 key="hunter2 abc9"'], ids=repr)
def test_what_would_be_looked_at_too_often_hides_all_that_is_left_of_the_line(regex: str, behind: bytes) -> None:
    unit = b"key=a1b2c3d4e5f6;"
    rule = Rule("key", regex, check="literal")
    for masker in (Masker([rule]), Masker([rule], max_line=20_000)):
        masked = masker.mask(unit * 5000 + behind + b"\nnext line\n")
        assert b"a1b2" not in masked
        assert masked.startswith(b"key=***")
        assert masked.endswith(b"\nnext line\n")
        assert set(masked.split(b"key=")[1:-1]) <= {b"***;", b"***;" + behind.partition(b"key")[0]}
        assert b"hunter2" not in masked


def test_names_behind_many_that_only_re2_parts_are_found() -> None:
    """What was looked at too often hid as far as its own expression matched, and the next name's value was shown."""
    for unit in (b"token=>a1b2c3d4e5,", b"token:=x,", b"token::=x,"):
        for end in (
            b',"password": "hunter2abc9"',
            b',password="pa55word Hunter2 battery stap1e"',
            b",password: hunter2abc9",
        ):
            for count in (40, 70, 150, 600, 3000):
                masked = MASKERS["all"].mask(unit * count + "é".encode() + end + b"\n")
                assert b"unter2" not in masked, (unit, end, count)
                assert b"battery" not in masked, (unit, end, count)


def test_a_group_ends_where_the_match_does() -> None:
    for regex, text, masked in (
        (r"(?:key=k|key=)(?P<secret>[a-z]{4}|k[a-z0-9]{8,});", b"key=kabcd12345;", b"key=***;"),
        (r"(?:ab|a)(?P<secret>c|bcd)@", b"abcd@", b"a***@"),
    ):
        assert Masker([Rule("one", regex)]).mask(text) == masked


def test_of_a_rejected_match_another_may_hold_the_same_place() -> None:
    rule = Rule("one", r"(?P<secret>[^ ]+);", check="literal")
    assert Masker([rule]).mask(b"a;a1b2c3d4e5f6;") == b"a;***;"


@pytest.mark.parametrize("part", range(4))
def test_agrees_with_the_reference_on_lines_without_a_blank(part: int) -> None:
    dice = random.Random(f"{part}")  # noqa: S311 - repeatable on purpose
    for _ in range(budget(30, 60, 400)):
        unit = b"".join(dice.choice(PIECES) for _ in range(dice.randrange(2, 9)))
        line = b"".join(dice.choice(PIECES) if dice.random() < 0.4 else unit for _ in range(dice.randrange(2, 12)))
        assert MASKERS["names"].mask(line) == reference_mask(KEY_VALUE, line)[0], line


def test_tokens_behind_many_moves_of_the_cursor_stay_hidden_over_the_edges_of_windows() -> None:
    key = b"ghp_" + b"a1B2" * 9
    for max_line in (3_000, 20_000, 1 << 20):
        masker = Masker(preset_rules("github"), max_line=max_line)
        for unit in (b"a\x1b[Csk-", b"a\x1b[C" + key[:30]):
            masked = masker.mask((unit * 4_000) + b" " + (b"pw\x1b[C" + key + b" ") * 50 + b"\nnext\n")
            assert key not in masked
            assert masked.endswith(b"\nnext\n")
