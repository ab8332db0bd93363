"""Which variables the command does not get: globs, the last one that matches decides. Pure."""

from __future__ import annotations

from aigate._walk import Names
from aigate.errors import ConfigError
from aigate.policy.spelling import misspelt_variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aigate.config.model import Entry


def check_globs(entries: Iterable[Entry]) -> None:
    """Raise ConfigError for an entry that can name no variable, and would leave in what somebody meant to keep out."""
    for entry in entries:
        wrong = misspelt_variable(entry.text.removeprefix("!"))
        if wrong:
            message = f"deny_env entry {entry.text!r} {wrong[0]}"
            raise ConfigError(message, path=entry.path, line=entry.line, hint=wrong[1])


def removed(entries: Sequence[Entry], environment: Iterable[str]) -> tuple[str, ...]:
    """Return those of the variables' names that the globs name. Raises ConfigError, see `check_globs`."""
    check_globs(entries)
    last = {entry.text.removeprefix("!"): number for number, entry in enumerate(entries)}
    globs, numbers = Names(last), tuple(last.values())
    found = []
    for name in environment:
        matched = [numbers[each] for each in globs.matched(name)]
        if matched and not entries[max(matched)].text.startswith("!"):
            found.append(name)
    return tuple(found)
