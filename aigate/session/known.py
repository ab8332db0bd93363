"""The secrets that a run knows: what its hidden files and the variables left out hold, and what the user names besides.

Reads them on the trusted side, before anything starts, and tells nobody but the masker.
"""

from __future__ import annotations

import os
import stat

from aigate.config.model import DENIED
from aigate.masking.leaves import assignments
from aigate.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from aigate.masking.values import Value
    from aigate.policy.model import Policy
    from aigate.session.opening import Opening
    from aigate.session.request import Prepared

LARGEST = 64 * 1024  # bytes of a hidden file that is read,
MOST_FILES = 50  # and how many of them,
MOST_DIRECTORIES = 100  # besides those in so many hidden directories
PLAIN = (".npmrc", ".pypirc", "credentials", ".git-credentials", ".pgpass")


def with_known(opening: Opening, prepared: Prepared) -> tuple[Opening, Prepared]:
    """Return both with what is known to be secret beside the rules. Raises ConfigError for what cannot be read."""
    values = _values(opening, prepared.policy)
    if not values:
        return opening, prepared
    from aigate import Masker

    texts = tuple(value.text for value in values)
    masker = Masker(opening.rules, values=texts)
    names = tuple(dict.fromkeys(value.name for value in values))
    return replace(opening, masker=masker, values=texts), replace(prepared, known=names)


def _values(opening: Opening, policy: Policy) -> tuple[Value, ...]:
    mask, typed, environment = opening.config.mask_stdout, opening.request.values, opening.who.environment
    entries = mask.values if mask else None
    pairs = []
    if opening.masker is not None and (entries is None or any(entry.text == DENIED for entry in entries)):
        pairs = _denied(policy, environment)
    if not (pairs or entries or typed):
        return ()
    from aigate.masking.sources import Place, of_entries, of_named_files, texts

    place = Place(policy.project, opening.who.home, environment)
    more, named = of_entries(entries or (), place)
    return texts([*of_named_files(typed), *more, *pairs], named, place)


def _denied(policy: Policy, environment: Mapping[str, str]) -> list[tuple[str, str]]:
    pairs = [(name, environment[name]) for name in policy.removed if name in environment]
    files = [item.path for item in policy.hidden if not item.directory and _holds_assignments(item.path)]
    directories = [item.path for item in policy.hidden if item.directory]
    within = [f"{path}/{name}" for path in directories[:MOST_DIRECTORIES] for name in PLAIN]
    for path in (*files[:MOST_FILES], *within):
        pairs += assignments(_text_of(path))
    return pairs


def _holds_assignments(path: str) -> bool:
    name = os.path.basename(path)
    return name.startswith(".env") or name.endswith(".env") or name in PLAIN


def _text_of(path: str) -> str:
    """Return what a regular file holds, nothing if it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.read(descriptor, LARGEST).decode("utf-8", "surrogateescape") if regular else ""
    except OSError:
        return ""
    finally:
        os.close(descriptor)
