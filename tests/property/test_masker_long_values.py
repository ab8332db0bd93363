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


def test_what_only_re2_knows_hides_more_rather_than_less() -> None:
    """Where matches would be looked at too often, all that is left of the line counts as the value."""
    rule = Rule("key", r"key\b=?(?P<secret>\S+)", check="literal")
    unit = b"key=a1b2c3d4e5f6;"
    masked = Masker([rule]).mask(unit * 3000)
    assert b"a1b2c3" not in masked
    assert masked.startswith(b"key=***;" * 8)
    assert masked.endswith(b"key=***")


@pytest.mark.parametrize("part", range(4))
def test_agrees_with_the_reference_on_lines_without_a_blank(part: int) -> None:
    dice = random.Random(f"{part}")  # noqa: S311 - repeatable on purpose
    for _ in range(budget(30, 60, 400)):
        unit = b"".join(dice.choice(PIECES) for _ in range(dice.randrange(2, 9)))
        line = b"".join(dice.choice(PIECES) if dice.random() < 0.4 else unit for _ in range(dice.randrange(2, 12)))
        assert MASKERS["names"].mask(line) == reference_mask(KEY_VALUE, line)[0], line
