"""The secrets that a run's own files and variables hold: KEY=value files that are hidden, and variables left out.

Reads them on the trusted side, before anything starts, and tells nobody but the masker.
"""

from __future__ import annotations

import os
import stat

from aigate.masking.values import assignments, chosen
from aigate.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from aigate.policy.model import Policy
    from aigate.session.opening import Opening
    from aigate.session.request import Prepared

LARGEST = 64 * 1024  # bytes of a file that is read,
MOST_FILES = 50  # and how many of them
NAMES = (".npmrc", ".pypirc", "credentials", ".git-credentials")


def with_known(opening: Opening, prepared: Prepared) -> tuple[Opening, Prepared]:
    """Return both with what is known to be secret among the masking rules, if anything is masked at all."""
    if opening.masker is None:
        return opening, prepared
    values = chosen(_pairs(prepared.policy, opening.who.environment), _public(prepared.policy))
    if not values:
        return opening, prepared
    from aigate import Masker

    names = tuple(dict.fromkeys(value.name for value in values))
    masker = Masker(opening.rules, values=[value.text for value in values])
    return replace(opening, masker=masker), replace(prepared, known=names)


def _pairs(policy: Policy, environment: Mapping[str, str]) -> list[tuple[str, str]]:
    pairs = [(name, environment[name]) for name in policy.removed if name in environment]
    files = [item.path for item in policy.hidden if not item.directory and _holds_assignments(item.path)]
    for path in files[:MOST_FILES]:
        pairs += assignments(_text_of(path))
    return pairs


def _holds_assignments(path: str) -> bool:
    name = os.path.basename(path)
    return name.startswith(".env") or name.endswith(".env") or name in NAMES


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


def _public(policy: Policy) -> tuple[str, ...]:
    """Return texts that everybody may see: hiding them would blind the screen."""
    try:
        files = os.listdir(policy.project)
    except OSError:
        files = []
    variables = [value for name, value in policy.environment if name in {"USER", "LOGNAME", "HOSTNAME"}]
    return (policy.project, policy.cwd, policy.home, os.uname().nodename, *variables, *files)
