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
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aigate.config.model import Entry

ANY_DEPTH = "**"
GLOB_CHARACTERS = "*?[\\"
NOTHING = "(?!)"  # a regular expression that matches nothing


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
    return tuple(pattern for entry in entries for pattern in _parse(entry, home))


def _parse(entry: Entry, home: str) -> list[Pattern]:
    text = entry.text
    negated = text.startswith("!")
    if negated:
        text = text[1:]
    if text.startswith("\\") and text[1:2] in ("!", "#", "~"):
        text = text[1:]
        from_home = False
    else:
        from_home = text == "~" or text.startswith("~/")
    directory_only = text.endswith("/")
    anchored = "/" in text.rstrip("/")
    parts = [part for part in text.split("/") if part and part != "."]
    if not parts or ".." in parts:
        raise ConfigError(
            f"pattern {entry.text!r} matches nothing", path=entry.path, line=entry.line, hint="name a file or directory"
        )
    if any("[" in part and NOTHING in _to_regex(part) for part in parts):
        raise ConfigError(
            f"pattern {entry.text!r} has a [ that is never closed",
            path=entry.path,
            line=entry.line,
            hint="a bracket that is part of the name is written \\[",
        )
    if from_home:
        segments = (*(part for part in home.split("/") if part), *parts[1:])
        return [Pattern(entry, tuple(segments), True, negated, directory_only)]
    if not anchored:
        return [Pattern(entry, (ANY_DEPTH, *parts), False, negated, directory_only)]
    found = [Pattern(entry, tuple(parts), False, negated, directory_only)]
    if text.startswith("/"):
        found.append(Pattern(entry, tuple(parts), True, negated, directory_only))
    return found


def is_literal(segment: str) -> bool:
    """Tell whether a segment matches exactly one name, spelt as it is."""
    return not any(character in segment for character in GLOB_CHARACTERS)


def segment_matcher(segment: str) -> Callable[[str], bool]:
    """Return a test for one path component. Most patterns need no regular expression, so `re` is rarely imported."""
    if is_literal(segment):
        return segment.__eq__
    head, star, tail = segment.partition("*")
    if star and is_literal(head) and is_literal(tail):
        least = len(head) + len(tail)
        return lambda name: len(name) >= least and name.startswith(head) and name.endswith(tail)
    import re

    compiled = re.compile(_to_regex(segment), re.DOTALL)
    return lambda name: compiled.fullmatch(name) is not None


def _to_regex(segment: str) -> str:
    """Translate one component's glob (fnmatch(3) with FNM_PATHNAME) to a Python regular expression."""
    import re

    out: list[str] = []
    position = 0
    while position < len(segment):
        character = segment[position]
        position += 1
        if character == "*":
            if out[-1:] != [".*"]:
                out.append(".*")
        elif character == "?":
            out.append(".")
        elif character == "\\" and position < len(segment):
            out.append(re.escape(segment[position]))
            position += 1
        elif character == "[":
            bracket, position = _bracket(segment, position)
            out.append(bracket)
        else:
            out.append(re.escape(character))
    return "".join(out)


def _bracket(segment: str, start: int) -> tuple[str, int]:
    """Translate the bracket expression whose inside begins at `start`; return it and the position behind it."""
    import re

    position = start
    if segment[position : position + 1] in ("!", "^"):
        position += 1
    first = position
    while position < len(segment) and (segment[position] != "]" or position == first):
        if segment.startswith("[:", position) and ":]" in segment[position:]:
            position = segment.index(":]", position) + 2
        else:
            position += 2 if segment[position] == "\\" else 1
    if position >= len(segment):
        return NOTHING, len(segment)  # never closed
    inside = segment[first:position]
    for name, members in POSIX_CLASSES.items():
        inside = inside.replace(f"[:{name}:]", members)
    escaped = re.sub(r"(?<!\\)([\[&~|])", r"\\\1", inside)
    if escaped.startswith("]"):
        escaped = "\\" + escaped
    return f"[{'^' if first != start else ''}{escaped}]", position + 1


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
    """Patterns ready to be asked about paths. Immutable. What a path's last component rules out costs nothing more."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = tuple(patterns)
        self._matchers: dict[str, Callable[[str], bool]] = {}
        self._by_name: dict[str, list[int]] = {}
        self._by_glob: list[tuple[int, Callable[[str], bool]]] = []
        for number, pattern in enumerate(patterns):
            for segment in pattern.segments:
                if segment != ANY_DEPTH and segment not in self._matchers:
                    self._matchers[segment] = segment_matcher(segment)
            last = pattern.segments[-1]
            if last == ANY_DEPTH:
                self._by_glob.append((number, bool))
            elif is_literal(last):
                self._by_name.setdefault(last, []).append(number)
            else:
                self._by_glob.append((number, self._matchers[last]))

    def deciding(self, absolute: Sequence[str], relative: Sequence[str] | None, directory: bool) -> Pattern | None:
        """Return the last pattern that matches a path, or None.

        absolute: the path's components from `/`. relative: from the project's root, None when outside of it.
        """
        name = absolute[-1]
        numbers = [number for number, matches in self._by_glob if matches(name)]
        for number in sorted((*numbers, *self._by_name.get(name, ())), reverse=True):
            pattern: Pattern = self.patterns[number]
            path = absolute if pattern.absolute else relative
            if path and (directory or not pattern.directory_only) and self._match(pattern.segments, 0, path, 0):
                return pattern
        return None

    def names(self, name: str) -> bool:
        """Tell whether a path with this last component could match, wherever it lies."""
        return name in self._by_name or any(matches(name) for _, matches in self._by_glob)

    def below(self, directory: Sequence[str]) -> PatternSet:
        """Return the patterns that can match something below a directory: all relative ones, some absolute ones."""
        return PatternSet([p for p in self.patterns if not p.absolute or self._reaches(p.segments, directory)])

    def _reaches(self, segments: tuple[str, ...], directory: Sequence[str]) -> bool:
        for position, name in enumerate(directory):
            if position == len(segments):
                return False
            if segments[position] == ANY_DEPTH:
                return True
            if not self._matchers[segments[position]](name):
                return False
        return len(segments) > len(directory)

    def _match(self, segments: tuple[str, ...], at: int, path: Sequence[str], position: int) -> bool:
        """Match components from both positions on; `**` tries every length (patterns are short, paths shallow)."""
        while at < len(segments):
            segment = segments[at]
            if segment == ANY_DEPTH:
                if at == len(segments) - 1:
                    return position < len(path)
                return any(self._match(segments, at + 1, path, later) for later in range(position, len(path)))
            if position == len(path) or not self._matchers[segment](path[position]):
                return False
            at += 1
            position += 1
        return position == len(path)

    def matcher(self, segment: str) -> Callable[[str], bool]:
        """Return the test for one of the patterns' own segments."""
        return self._matchers[segment]
