"""A few short texts through a masker: a command line, a path, as the audit log holds them.

A masker prepares all of its rules before it looks at the first byte. Most rules of aigate's own can match nothing in
such a text, since it holds none of the texts that their matches need (`native/masker/needed.h`); a masker of the others
hides the same, and is made in a tenth of the time. Owns which rules those are; matches nothing.
"""

from __future__ import annotations

from aigate import bundle
from aigate.masking.rule import BUILT_IN
from aigate.masking.rules import FIELDS, PLACE, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from aigate._masker import Masker
    from aigate.masking.rule import Rule

LONGEST = 4096  # characters
MOST_OTHERS = 16  # rules of the user's own, of which nothing is known, and values: they are prepared each time


def mask_texts(
    texts: Sequence[str], masker: Masker, rules: Sequence[Rule], values: Sequence[str | bytes] = ()
) -> list[str]:
    """Return texts as `masker` shows each, which is made of these rules and values."""
    others = sum(rule.source != BUILT_IN for rule in rules)
    if all(map(_is_simple, texts)) and others + len(values) <= MOST_OTHERS:
        masker = _less(masker, _likely(rules, "\n".join(texts).lower()), values)
    return [masker.mask(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace") for text in texts]


def _is_simple(text: str) -> bool:
    return len(text) <= LONGEST and text.isascii() and text.isprintable()


def _less(masker: Masker, rules: Sequence[Rule], values: Sequence[str | bytes]) -> Masker:
    return type(masker)(rules, values=values)


def _likely(rules: Sequence[Rule], text: str) -> list[Rule]:
    """Return the rules that may match in a text of ASCII alone, which is in lower case."""
    needed = _needed()
    found = []
    for rule in rules:
        texts = needed.get(rule.regex) if rule.source == BUILT_IN else None
        if not texts or any(each in text for each in texts):
            found.append(rule)
    return found


def _needed() -> dict[str, tuple[str, ...]]:
    """Return what the matches of each preset's rules need, by their expressions."""
    if not _kept:
        _kept.append(bundle.value("needed by presets, 1", PLACE, _worked_out))
    return _kept[0]


def _worked_out() -> dict[str, tuple[str, ...]]:
    from aigate._masker import needed

    regex, folds = FIELDS.index("regex"), FIELDS.index("case_insensitive")
    rows = [row for rules in table()[1].values() for row in rules]
    return {row[regex]: tuple(text.decode() for text in needed(row[regex], row[folds])) for row in rows}


_kept: list[dict[str, tuple[str, ...]]] = []
