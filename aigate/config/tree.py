"""YAML to a small tree in which every value knows where it stands. Owns syntax; knows no key.

The tree is built from the parser's events, which neither recurse nor expand: aliases, tags, several documents and
deep nesting are refused before anything is made of them.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from aigate.errors import ConfigError
from aigate.record import record

MAX_DEPTH = 6
_UNSHOWN = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u2028\\u2029]|\\r(?!\\n)")
_DECIMAL = re.compile("[+-]?(0|[1-9][0-9]{0,17})")


@record
class Scalar:
    """One value. start, end: (line, column), both from 0; end is behind the last character."""

    value: str | int | float | bool | None
    start: tuple[int, int]
    end: tuple[int, int]


@record
class Sequence:
    """A list. flow: written in brackets. end is meaningful for flow lists only."""

    items: tuple[Node, ...]
    start: tuple[int, int]
    end: tuple[int, int]
    flow: bool


@record
class Mapping:
    """Keys and values in order."""

    pairs: tuple[tuple[Scalar, Node], ...]
    start: tuple[int, int]
    end: tuple[int, int]
    flow: bool


Node = Scalar | Sequence | Mapping


def text_of(data: bytes, path: str) -> str:
    """Decode a file.

    Raises ConfigError for what is not UTF-8, for a byte order mark, and for characters that a terminal or an editor
    would not show as what they are: control characters, lone carriage returns, and Unicode's own line ends.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8", path=path, line=_line(data[: error.start])) from None
    if text.startswith("\ufeff"):
        raise ConfigError("starts with a byte order mark: save it as plain UTF-8", path=path, line=1)
    found = _UNSHOWN.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise ConfigError(f"holds the control character {found[0]!a}", path=path, line=line)
    return text


def says_nothing(data: bytes) -> bool:
    """Tell whether a file holds comments at the most: what a lock on it leaves behind, or a heading."""
    return all(line.strip()[:1] in (b"", b"#") for line in data.splitlines())


def tree_of(text: str, path: str) -> Mapping:
    """Parse a file that holds one mapping. Raises ConfigError with the line of whatever is wrong."""
    try:
        root = _Builder(path).document(yaml.parse(text, Loader=LOADER))
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, path, text) from None
    except yaml.YAMLError as error:
        raise ConfigError(f"is not valid YAML: {' '.join(str(error).split())}", path=path) from None
    if root is None:
        raise ConfigError("is empty", path=path, line=1, hint="write {} if nothing is meant")
    if not isinstance(root, Mapping):
        raise ConfigError("must hold keys and values", path=path, line=root.start[0] + 1)
    return root


LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER: Any = yaml.resolver.Resolver()


class _Builder:
    """Turns events into nodes; one list of open nodes instead of recursion."""

    def __init__(self, path: str) -> None:
        self.path = path

    def document(self, events: Any) -> Node | None:
        root: Node | None = None
        open_nodes: list[tuple[yaml.Event, list[Node]]] = []
        for event in events:
            node: Node | None = None
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise self._error("holds more than one document", event)
            if isinstance(event, yaml.NodeEvent):
                self._refuse_tricks(event)
            if isinstance(event, yaml.ScalarEvent):
                node = _scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                if len(open_nodes) == MAX_DEPTH:
                    raise self._error("is nested too deeply", event)
                open_nodes.append((event, []))
            elif isinstance(event, yaml.CollectionEndEvent):
                node = self._close(*open_nodes.pop(), event)
            if node is not None and open_nodes:
                open_nodes[-1][1].append(node)
            elif node is not None:
                root = node
        return root

    def _close(self, opened: yaml.Event, items: list[Node], closed: yaml.Event) -> Node:
        start, end, flow = _start(opened), _end(closed), bool(getattr(opened, "flow_style", False))
        if isinstance(opened, yaml.SequenceStartEvent):
            return Sequence(tuple(items), start, end, flow)
        return Mapping(self._pairs(items), start, end, flow)

    def _pairs(self, items: list[Node]) -> tuple[tuple[Scalar, Node], ...]:
        seen: dict[str, int] = {}
        pairs = []
        for key, value in zip(items[::2], items[1::2], strict=True):
            line = key.start[0] + 1
            if not isinstance(key, Scalar) or not isinstance(key.value, str):
                raise ConfigError("a key must be a word", path=self.path, line=line)
            if key.value in seen:
                message = f"{key.value!a} is here twice, first in line {seen[key.value]}"
                raise ConfigError(message, path=self.path, line=line)
            seen[key.value] = line
            pairs.append((key, value))
        return tuple(pairs)

    def _refuse_tricks(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self._error("aliases (*) are not accepted", event, hint="put a value that starts with * in quotes")
        if event.anchor is not None:
            raise self._error("anchors (&) are not accepted", event, hint="put a value that starts with & in quotes")
        if event.tag is not None:
            raise self._error("tags (!) are not accepted", event, hint="put a value that starts with ! in quotes")

    def _error(self, message: str, event: yaml.Event, hint: str | None = None) -> ConfigError:
        return ConfigError(message, path=self.path, line=_start(event)[0] + 1, hint=hint)


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    text: str = event.value
    value: str | int | float | bool | None = text
    if event.implicit[0]:
        value = plain_value(text)
    return Scalar(value, _start(event), _end(event))


def plain_value(text: str) -> str | float | bool | None:
    """Return what YAML makes of a word without quotes.

    Numbers are decimal only: `010`, `0x10` and `1:30`, which YAML 1.1 would read as 8, 16 and 90, are NaN, which no
    key accepts. Dates stay words.
    """
    tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))
    kind = str(tag).rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in {"yes", "true", "on"}
    if kind == "int":
        return int(text) if _DECIMAL.fullmatch(text) else float("nan")
    if kind == "float":
        try:
            return float(text)
        except ValueError:
            return float("nan")
    return text


def _syntax(error: yaml.MarkedYAMLError, path: str, text: str) -> ConfigError:
    mark = error.problem_mark or error.context_mark
    problem = ", ".join(" ".join(part.split()) for part in (error.context, error.problem) if part)
    hint = None
    if "maximum nesting depth" in problem:  # libyaml's own limit may come before ours
        return ConfigError("is nested too deeply", path=path, line=mark.line + 1 if mark else None)
    if mark is not None:
        lines = text.split("\n")
        line = lines[mark.line] if mark.line < len(lines) else ""
        if "\t" in line[: mark.column + 1]:
            hint = "indent with blanks, not with tabs"
        elif line[max(0, mark.column - 1) : mark.column + 1].strip()[:1] in {"*", "!", "&", "@", "%", "`"}:
            hint = "put a value that starts with a special character in quotes"
    return ConfigError(f"is not valid YAML: {problem}", path=path, line=mark.line + 1 if mark else None, hint=hint)


def _line(before: bytes) -> int:
    return before.count(b"\n") + 1


def _start(event: yaml.Event) -> tuple[int, int]:
    mark: Any = event.start_mark
    return (mark.line, mark.column)


def _end(event: yaml.Event) -> tuple[int, int]:
    mark: Any = event.end_mark
    return (mark.line, mark.column)
