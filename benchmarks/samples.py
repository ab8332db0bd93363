# ruff: noqa: ANN001 - what the parser returns has no public types
"""Texts that a regular expression matches, drawn at random: short repetitions, plain ASCII."""

from __future__ import annotations

import random
import re._constants as code
import re._parser as parser

PLAIN = [chr(number) for number in range(0x20, 0x7F)]
CATEGORIES = {
    code.CATEGORY_DIGIT: str.isdigit,
    code.CATEGORY_SPACE: str.isspace,
    code.CATEGORY_WORD: lambda letter: letter.isalnum() or letter == "_",
    code.CATEGORY_NOT_DIGIT: lambda letter: not letter.isdigit(),
    code.CATEGORY_NOT_SPACE: lambda letter: not letter.isspace(),
    code.CATEGORY_NOT_WORD: lambda letter: not (letter.isalnum() or letter == "_"),
}
MORE = 6  # how many more than the fewest a repetition takes


def sample(regex: str, dice: random.Random) -> str:
    """Return one text that the expression matches as a whole, assertions aside."""
    return _drawn(parser.parse(regex), dice)


def secret_of(regex: str, dice: random.Random) -> tuple[str, str]:
    """Return such a text and what of it must be hidden: its group `secret`, or all but its fixed beginning."""
    parsed = parser.parse(regex)
    names = parsed.state.groupdict
    text = fixed = ""
    secret = None
    for kind, value in parsed:
        piece = _one(kind, value, dice)
        if kind is code.SUBPATTERN and value[0] == names.get("secret"):
            secret = piece
        fixed += piece if kind is code.LITERAL and text == fixed else ""
        text += piece
    return text, text[len(fixed) :] if secret is None else secret


def _drawn(parsed, dice: random.Random) -> str:
    return "".join(_one(kind, value, dice) for kind, value in parsed)


def _one(kind, value, dice: random.Random) -> str:  # noqa: PLR0911 - one for each kind
    if kind is code.LITERAL:
        return chr(value)
    if kind in (code.ANY, code.NOT_LITERAL):
        return dice.choice([letter for letter in PLAIN if kind is code.ANY or ord(letter) != value])
    if kind is code.IN:
        return dice.choice(_letters(value))
    if kind in (code.MAX_REPEAT, code.MIN_REPEAT):
        fewest, most, body = value
        count = dice.randint(fewest, min(most, fewest + MORE))
        return "".join(_drawn(body, dice) for _ in range(count))
    if kind is code.BRANCH:
        return _drawn(dice.choice(value[1]), dice)
    if kind is code.SUBPATTERN:
        return _drawn(value[3], dice)
    if kind is code.AT:
        return ""
    raise NotImplementedError(kind)


def _letters(items) -> list[str]:
    inverted = items[0][0] is code.NEGATE
    found = {letter for letter in PLAIN for item in items if _fits(item, letter)}
    return [letter for letter in PLAIN if (letter in found) != inverted]


def _fits(item, letter: str) -> bool:
    kind, value = item
    if kind is code.LITERAL:
        return ord(letter) == value
    if kind is code.RANGE:
        return value[0] <= ord(letter) <= value[1]
    return kind is code.CATEGORY and CATEGORIES[value](letter)
