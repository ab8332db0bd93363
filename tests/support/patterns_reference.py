"""Path patterns matched slowly, one after the other, by Python's regular expressions: the oracle of the automaton."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from aigate.policy.patterns import ANY_DEPTH, Pattern, is_literal

NOTHING = "(?!)"  # a regular expression that matches nothing


def segment_matcher(segment: str) -> Callable[[str], bool]:
    """Return a test for one path component. Most patterns need no regular expression, so `re` is rarely imported."""
    if is_literal(segment):
        return segment.__eq__
    head, star, tail = segment.partition("*")
    if star and is_literal(head) and is_literal(tail):
        least = len(head) + len(tail)
        return lambda name: len(name) >= least and name.startswith(head) and name.endswith(tail)
    compiled = re.compile(_to_regex(segment), re.DOTALL)
    return lambda name: compiled.fullmatch(name) is not None


def _to_regex(segment: str) -> str:
    """Translate one component's glob (fnmatch(3) with FNM_PATHNAME) to a Python regular expression."""
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


class ReferenceSet:
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

    def below(self, directory: Sequence[str]) -> ReferenceSet:
        """Return the patterns that can match something below a directory: all relative ones, some absolute ones."""
        return ReferenceSet([p for p in self.patterns if not p.absolute or self._reaches(p.segments, directory)])

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
