"""Changing a list in a config file without touching the rest: comments, order, quotes and line ends stay.

The text itself is edited, at the places that the YAML parser names, because no library that writes YAML gives back
what it read. Every result is parsed again and must say exactly what was meant, else the file is not changed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from aigate.config import schema, tree
from aigate.errors import ConfigError
from aigate.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

_PLAIN = re.compile(r"[A-Za-z0-9_./~][A-Za-z0-9_./~@%+=*?-]*")


@record
class Change:
    """What a list is to become. remove: entries to take out. add: entries to put at the end, in order.

    base: what the list is taken to hold when the file leaves it out. drop: take the key itself out if no entry is left.
    """

    remove: Collection[str] = ()
    add: Sequence[str] = ()
    base: Sequence[str] = ()
    drop: bool = False


def edited(
    data: bytes, path: str, key: str, decide: Callable[[list[str] | None], Change | None], *, project: bool
) -> bytes:
    """Return a file's bytes with one list changed.

    data: b"" for a file that is to be made; comments alone are kept. decide: is given the list's entries, None when the
    file leaves it out, and returns what to change, None for nothing. Raises ConfigError for a file that is wrong
    already, for a result that would be, and for a layout that cannot be edited; passes on what `decide` raises.
    """
    text = tree.text_of(data, path)
    root = None if tree.says_nothing(data) else tree.tree_of(text, path)
    before = schema.check_tree(root, path, project=project) if root else {}
    present = None if key not in before else [entry for entry, _ in before[key]]
    change = decide(present)
    if change is None:
        return data
    for entry in change.add:
        if problem := schema.entry_problem(entry):
            raise ConfigError(f"{entry!a} {problem}")
    try:
        after = _Editor(text, root).changed(key, change).encode()
        found = schema.check_tree(tree.tree_of(tree.text_of(after, path), path), path, project=project)
        right = _verify(before, found, key, change)
    except (ConfigError, LookupError, ValueError):
        right = False
    if not right:
        raise ConfigError(f"{key} cannot be edited in this layout", path=path, hint="edit the file by hand")
    return after


def quoted(entry: str) -> str:
    """Return an entry as YAML: plain where that means the same, else in single quotes."""
    if _PLAIN.fullmatch(entry) and tree.plain_value(entry) == entry:
        return entry
    return "'" + entry.replace("'", "''") + "'"


class _Editor:
    """One file's text and the replacements to make in it: (from, to, new text), by offset."""

    def __init__(self, text: str, root: tree.Mapping | None) -> None:
        self.text = text
        self.root = root
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self.replacements: list[tuple[int, int, str]] = []

    def changed(self, key: str, change: Change) -> str:
        pair = next((pair for pair in self.root.pairs if pair[0].value == key), None) if self.root else None
        if pair is None:
            kept = [entry for entry in change.base if entry not in change.remove]
            self.add_key(key, [*kept, *change.add])
        elif isinstance(pair[1], tree.Sequence):
            self.change_list(pair[0], pair[1], change)
        text = self.text
        for start, end, new in sorted(self.replacements, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def change_list(self, key: tree.Scalar, value: tree.Sequence, change: Change) -> None:
        gone = [isinstance(item, tree.Scalar) and item.value in change.remove for item in value.items]
        if all(gone) and not change.add and change.drop:
            self.replace_lines(key.start[0], self.last_line(value))
        elif value.flow:
            self.change_flow(value, gone, change.add)
        else:
            self.change_block(key, value, gone, change.add)

    def change_block(self, key: tree.Scalar, value: tree.Sequence, gone: list[bool], add: Sequence[str]) -> None:
        column = value.start[1]
        for item, is_gone in zip(value.items, gone, strict=True):
            if is_gone:
                self.replace_lines(self.dash_line(item, column), self.last_line(item))
        if add:
            new = "".join(f"{' ' * column}- {quoted(entry)}{self.newline}" for entry in add)
            self.insert_lines(self.last_line(value) + 1, new)
        elif all(gone):
            colon = self.text.index(":", self.offset(key.end))
            self.replacements.append((colon + 1, colon + 1, " []"))

    def change_flow(self, value: tree.Sequence, gone: list[bool], add: Sequence[str]) -> None:
        items = value.items
        kept = [number for number, is_gone in enumerate(gone) if not is_gone]
        new = ", ".join(quoted(entry) for entry in add)
        if not kept:
            self.replacements.append((self.offset(value.start) + 1, self.offset(value.end) - 1, new))
            return
        for number in range(kept[-1]):
            if gone[number]:
                start, end = self.offset(items[number].start), self.offset(items[number + 1].start)
                self.replacements.append((start, end, ""))
        start, end = self.offset(items[kept[-1]].end), self.offset(items[-1].end)
        self.replacements.append((start, end, f", {new}" if new else ""))

    def add_key(self, key: str, entries: Sequence[str]) -> None:
        root = self.root
        flow = f"{key}: [{', '.join(quoted(entry) for entry in entries)}]"
        if root is not None and root.flow and root.pairs:
            end = self.offset(root.pairs[-1][1].end)
            self.replacements.append((end, end, f", {flow}"))
            return
        indent = " " * (root.start[1] if root is not None and not root.flow else 0)
        items = "".join(f"{self.newline}{indent}  - {quoted(entry)}" for entry in entries)
        block = f"{indent}{key}:{items}" if entries else f"{indent}{flow}"
        if root is not None and root.flow:
            self.replacements.append((self.offset(root.start), self.offset(root.end), block))
        else:
            self.insert_lines(len(self.lines), (self.newline if self.text else "") + block + self.newline)

    def insert_lines(self, line: int, new: str) -> None:
        offset = self.line_start(line)
        if offset == len(self.text) and self.text and not self.text.endswith("\n"):
            new = self.newline + new
        self.replacements.append((offset, offset, new))

    def replace_lines(self, first: int, last: int) -> None:
        self.replacements.append((self.line_start(first), self.line_start(last + 1), ""))

    def dash_line(self, item: tree.Node, column: int) -> int:
        line = item.start[0]
        while not self.text.startswith(" " * column + "-", self.lines[line]):
            if line == 0:
                raise LookupError
            line -= 1
        return line

    def last_line(self, node: tree.Node) -> int:
        if isinstance(node, tree.Sequence) and not node.flow:
            return self.last_line(node.items[-1])
        line, column = node.end
        return line - 1 if column == 0 and line > node.start[0] else line

    def line_start(self, line: int) -> int:
        return self.lines[line] if line < len(self.lines) else len(self.text)

    def offset(self, place: tuple[int, int]) -> int:
        return self.lines[place[0]] + place[1]


def _verify(before: dict[str, Any], after: dict[str, Any], key: str, change: Change) -> bool:
    expected = _facts(before)
    present = expected.get(key, tuple(change.base))
    meant = (*(entry for entry in present if entry not in change.remove), *change.add)
    expected[key] = meant
    if not meant and change.drop:
        del expected[key]
    return _facts(after) == expected


def _facts(plain: dict[str, Any]) -> dict[str, Any]:
    """Return what a checked file says, without the lines on which it says it."""
    facts = dict(plain)
    for name in {*schema.LISTS, "require"} & facts.keys():
        facts[name] = tuple(entry for entry, _ in facts[name])
    for name in {"group", "user", "network", "backend", "home", "project", "late"} & facts.keys():
        facts[name] = facts[name][0]
    if "terminal" in facts:
        facts["terminal"] = {key: text for key, (text, _) in facts["terminal"]}
    if "mask_stdout" in facts:
        presets, patterns, values = facts["mask_stdout"]
        facts["mask_stdout"] = (
            [entry for entry, _ in presets or ()],
            [pattern[:-1] for pattern in patterns or ()],
            None if values is None else [entry for entry, _ in values],
        )
    return facts
