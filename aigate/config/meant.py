"""What somebody probably meant by a word that is none of those that are known. Owns the wording of that hint."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def meant(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return the hint: the nearest word. otherwise: what is said where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1)
    return f"did you mean {near[0]}?" if near else otherwise
