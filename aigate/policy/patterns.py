"""Path patterns as gitignore(5) defines them, plus `~/` and absolute paths. Owns their meaning; touches no file.

A pattern without a slash (`.env`, `*.pem`) matches at any depth of the project; one with a slash at its start or in its
middle (`/x`, `config/prod.yaml`) matches from the project's root; a trailing slash means directories; `!` takes back;
the last pattern that matches decides. `~/x` is below the home directory. `/x` is meant both ways, below the project's
root and as an absolute path: a pattern that forbids must not miss for being read the other way.

The well-kept library for this (pathspec) takes 64 ms to import, twice what a whole run may take, and it differs from
git in places; the tests hold this module against `git check-ignore`.
"""

from __future__ import annotations

from aigate.errors import ConfigError
from aigate.policy.spelling import misspelling
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aigate.config.model import Entry

ANY_DEPTH = "**"
GLOB_CHARACTERS = "*?[\\"


@record
class Pattern:
    """One pattern, taken apart.

    segments: what each path component must match; `**` stands for any number of components.
    absolute: the segments start at `/`, else at the project's root. negated: written with `!`.
    directory_only: written with a trailing slash.
    """

    entry: Entry
    segments: tuple[str, ...]
    absolute: bool
    negated: bool
    directory_only: bool


def parse_patterns(entries: Sequence[Entry], home: str) -> tuple[Pattern, ...]:
    """Take config entries apart, in order. Raises ConfigError for an entry that can match nothing."""
    above = tuple(part for part in home.split("/") if part)
    found: list[Pattern] = []
    for entry in entries:
        found += _parse(entry, above)
    return tuple(found)


def _parse(entry: Entry, home: tuple[str, ...]) -> list[Pattern]:
    text = entry.text
    negated = text.startswith("!")
    if negated:
        text = text[1:]
    wrong = misspelling(text)
    if wrong:
        raise _refused(entry, *wrong)
    if text.startswith("\\") and text[1:2] in ("!", "#", "~"):
        text = text[1:]
        from_home = False
    else:
        from_home = text == "~" or text.startswith("~/")
    directory_only = text.endswith("/")
    anchored = "/" in text.rstrip("/")
    parts = [part for part in text.split("/") if part and part != "."]
    if not parts or ".." in parts:
        raise _refused(entry, "matches nothing", "name a file or directory")
    if "[" in text:
        for flaw in filter(None, (_flaw(part) for part in parts if "[" in part)):
            raise _refused(entry, flaw, "a bracket that is part of the name is written \\[")
    if from_home:
        return [Pattern(entry, (*home, *parts[1:]), True, negated, directory_only)]
    if not anchored:
        return [Pattern(entry, (ANY_DEPTH, *parts), False, negated, directory_only)]
    found = [Pattern(entry, tuple(parts), False, negated, directory_only)]
    if text.startswith("/"):
        found.append(Pattern(entry, tuple(parts), True, negated, directory_only))
    return found


def is_literal(segment: str) -> bool:
    """Tell whether a segment matches exactly one name, spelt as it is."""
    return not ("*" in segment or "?" in segment or "[" in segment or "\\" in segment)  # GLOB_CHARACTERS; no loop


def names_one_path(pattern: Pattern) -> bool:
    """Tell whether a pattern's segments match exactly one name each."""
    return is_literal("/".join(pattern.segments))  # ** has a star, too


def literal(name: str) -> str:
    """Spell a name so that it stands for itself in a pattern."""
    return "".join(f"\\{character}" if character in GLOB_CHARACTERS else character for character in name)


def _refused(entry: Entry, what: str, hint: str) -> ConfigError:
    return ConfigError(f"pattern {entry.text!r} {what}", path=entry.path, line=entry.line, hint=hint)


def _flaw(segment: str) -> str:
    from aigate._walk import flaw

    return flaw(segment)


def segment_matcher(segment: str) -> Callable[[str], bool]:
    """Return a test for one path component. Most patterns are tested without loading the native module."""
    if is_literal(segment):
        return segment.__eq__
    head, star, tail = segment.partition("*")
    if star and is_literal(head) and is_literal(tail):
        least = len(head) + len(tail)
        return lambda name: len(name) >= least and name.startswith(head) and name.endswith(tail)
    from aigate._walk import Names

    names = Names([segment])
    return lambda name: bool(names.matched(name))


POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


class PatternSet:
    """Patterns ready to be asked about paths, by the automaton that searches directories."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        from aigate._walk import Matcher

        self.patterns = tuple(patterns)
        self._matcher = Matcher(self.patterns)

    def deciding(self, absolute: Sequence[str], relative: Sequence[str] | None, directory: bool) -> Pattern | None:
        """Return the last pattern that matches a path, or None.

        absolute: the path's components from `/`. relative: from the project's root, None when outside of it.
        """
        outside = -1 if relative is None else len(absolute) - len(relative)
        number = self._matcher.deciding(absolute, outside, directory)
        return None if number is None else self.patterns[number]
