"""What somebody probably meant by a word that is none of those that are known. Owns the wording of that hint."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def meant(word: str, known: Iterable[str], otherwise: str, cutoff: float = 0.6) -> str:
    """Return the hint: the nearest word. otherwise: what is said where none is near.

    cutoff: how near, from 0 to 1, as difflib counts. Of thousands of words one is always near by chance.
    """
    from difflib import get_close_matches

    words = list(known)
    near = [one for one in words if sorted(one) == sorted(word)] or get_close_matches(word, words, n=1, cutoff=cutoff)
    return f"did you mean {near[0]}?" if near else otherwise
