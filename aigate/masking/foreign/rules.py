"""Files of rules that other programs read: gitleaks and betterleaks (TOML), noseyparker and kingfisher (YAML).

What a rule asks for and cannot be had is told: `Note`. Compiles the rules one by one to see which of them RE2 takes.
"""

from __future__ import annotations

import os

from aigate._masker import Masker
from aigate.errors import ConfigError, RuleError
from aigate.masking.foreign import syntax
from aigate.masking.rule import Rule
from aigate.reading import read_from
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEEPEST = 2  # files that one another extend, as in gitleaks
UNMEASURED = "is not looked at, so more is hidden"
NOT_HAD = {
    "entropy": UNMEASURED,
    "min_entropy": UNMEASURED,
    "path": "is not looked at: the rule holds for every file",
    "allowlist": "is not looked at, so what it excepts is hidden",
    "allowlists": "is not looked at, so what it excepts is hidden",
    "pattern_requirements": UNMEASURED,
    "depends_on_rule": UNMEASURED,
    "required": UNMEASURED,
    "filter": UNMEASURED,
    "secretGroup": "is not looked at beside the pattern of another file",
}
# What describes a rule, or decides nothing about its text.
SILENT = frozenset(
    [
        "id",
        "name",
        "description",
        "regex",
        "pattern",
        "secretGroup",
        "keywords",
        "tags",
        "examples",
        "negative_examples",
        "references",
        "categories",
    ]
) | frozenset(("confidence", "visible", "validation", "validate", "skipReport", "revocation", "prefilter", "severity"))


@record
class Note:
    """What of a file is not had. rule: its name, or None for the whole file. refused: the rule is left out."""

    rule: str | None
    text: str
    refused: bool = False


def read(path: str, depth: int = 0) -> tuple[tuple[Rule, ...], tuple[Note, ...]]:
    """Return the rules of a file, or of all files of a directory, and what of it cannot be had. Raises ConfigError."""
    if os.path.isdir(path):
        return _directory(path)
    tree = _tree(path)
    rules, notes = _extended(tree.get("extend"), path, depth)
    listed = tree.get("rules", [] if rules else None)
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise ConfigError("holds no list of rules", path=path, hint="gitleaks' and noseyparker's formats are read")
    notes += [Note(None, f"{key}: is not looked at") for key in tree if key in ("allowlist", "allowlists", "rulesets")]
    extended = {rule.name for rule in rules}
    for number, entry in enumerate(listed, 1):
        name = str(entry.get("id") or entry.get("name") or f"rule-{number}")
        if name in extended and "regex" not in entry and "pattern" not in entry:
            notes += [Note(name, f"{key}: {_not_had(key)}") for key in entry if key not in SILENT - {"secretGroup"}]
            continue
        made = _rule(name, entry, path)
        if isinstance(made, Note):  # what it would have changed still hides
            notes.append(made)
            continue
        if name in extended:
            rules = [rule for rule in rules if rule.name != name]
            extended.remove(name)
        rules.append(made[0])
        notes += [Note(name, text) for text in made[1]]
        notes += [Note(name, f"{key}: {_not_had(key)}") for key in entry if key not in SILENT]
    return tuple(rules), tuple(notes)


def _directory(path: str) -> tuple[tuple[Rule, ...], tuple[Note, ...]]:
    """Read the rules of all TOML and YAML files below a directory, as noseyparker and kingfisher keep theirs."""
    names = sorted(
        os.path.join(at, name)
        for at, _, found in os.walk(path)
        for name in found
        if name.endswith((".yml", ".yaml", ".toml"))
    )
    if not names:
        raise ConfigError("holds no file that ends in .yml, .yaml or .toml", path=path)
    read_ones = [read(name) for name in names]
    return tuple(rule for rules, _ in read_ones for rule in rules), tuple(
        note for _, notes in read_ones for note in notes
    )


def _extended(extend: Any, path: str, depth: int) -> tuple[list[Rule], list[Note]]:
    """Return the rules of the file that another one extends, less those that it turns off."""
    if extend is None:
        return [], []
    if not isinstance(extend, dict):
        raise ConfigError("extend must hold keys and values", path=path)
    rules: tuple[Rule, ...] = ()
    notes: list[Note] = []
    other = extend.get("path")
    if isinstance(other, str) and other:
        if depth >= DEEPEST:
            raise ConfigError(f"extends {DEEPEST} files in a row: no more are read", path=path)
        other = os.path.join(os.path.dirname(path), other)
        rules, found = read(other, depth + 1)
        notes += found
    off = extend.get("disabledRules")
    off = {str(name) for name in off} if isinstance(off, list) else set()
    if extend.get("useDefault"):
        text = "extend.useDefault: gitleaks' own rules are none of this file: name the file that has them, too"
        notes.append(Note(None, text, refused=True))
    return [rule for rule in rules if rule.name not in off], notes


def _not_had(key: str) -> str:
    return NOT_HAD.get(key, "is not known, and is not looked at")


def _rule(name: str, entry: dict[str, Any], path: str) -> tuple[Rule, tuple[str, ...]] | Note:
    """Return the rule and what of its pattern is not had, or why there is none."""
    pattern = entry.get("regex", entry.get("pattern"))
    if pattern is None:
        return Note(name, "finds files by their names: there is no text to hide", refused=True)
    if not isinstance(pattern, str):
        return Note(name, "its pattern is no text", refused=True)
    regex, notes = syntax.wider(syntax.translated(pattern))
    if reason := syntax.missing(regex, sets="pattern" in entry):
        return Note(name, reason, refused=True)
    group = entry.get("secretGroup") or 1
    if not isinstance(group, int) or (group > 1 and group > syntax.groups(regex)):
        notes += (f"secretGroup: the pattern has no group {group}, so all of the match is hidden",)
        group = 0
    rule = Rule(name, syntax.with_secret(regex, group), source=path)
    try:
        Masker((rule,))
    except RuleError as error:
        return Note(name, error.message.partition("masking rule ")[2].partition(": ")[2], refused=True)
    return rule, notes


def _tree(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            text = read_from(file).decode()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=path) from None
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8", path=path) from None
    tree = _yaml(path, text) if path.endswith((".yml", ".yaml")) else _toml(path, text)
    if not isinstance(tree, dict):
        raise ConfigError("must hold keys and values", path=path)
    return tree


def _toml(path: str, text: str) -> Any:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not valid TOML: {error}", path=path) from None


def _yaml(path: str, text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise ConfigError(f"is not valid YAML: {getattr(error, 'problem', error)}", path=path, line=line) from None
