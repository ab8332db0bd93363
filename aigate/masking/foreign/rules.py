"""Files of rules that other programs read: gitleaks and betterleaks (TOML), noseyparker and kingfisher (YAML).

What a rule asks for and cannot be had is told: `Note`. Compiles the rules one by one to see which of them RE2 takes.
"""

from __future__ import annotations

from aigate._masker import Masker
from aigate.errors import ConfigError, RuleError
from aigate.masking.foreign import syntax
from aigate.masking.rule import Rule
from aigate.reading import read_from
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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


def read(path: str) -> tuple[tuple[Rule, ...], tuple[Note, ...]]:
    """Return the rules of a file, and what of it cannot be had. Raises ConfigError."""
    tree = _tree(path)
    listed = tree.get("rules")
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise ConfigError("holds no list of rules", path=path, hint="gitleaks' and noseyparker's formats are read")
    notes = [Note(None, f"{key}: is not looked at") for key in tree if key in ("extend", "allowlist", "allowlists")]
    rules = []
    for number, entry in enumerate(listed, 1):
        name = str(entry.get("id") or entry.get("name") or f"rule-{number}")
        rule = _rule(name, entry, path)
        if isinstance(rule, Note):
            notes.append(rule)
            continue
        rules.append(rule)
        notes += [Note(name, f"{key}: {_not_had(key)}") for key in entry if key not in SILENT]
    return tuple(rules), tuple(notes)


def _not_had(key: str) -> str:
    return NOT_HAD.get(key, "is not known, and is not looked at")


def _rule(name: str, entry: dict[str, Any], path: str) -> Rule | Note:
    pattern = entry.get("regex", entry.get("pattern"))
    if not isinstance(pattern, str):
        return Note(name, "finds files by their names: there is no text to hide", refused=True)
    regex = syntax.translated(pattern)
    if reason := syntax.missing(regex):
        return Note(name, reason, refused=True)
    group = entry.get("secretGroup") or 1
    rule = Rule(name, syntax.with_secret(regex, group if isinstance(group, int) else 1), source=path)
    try:
        Masker((rule,))
    except RuleError as error:
        return Note(name, error.message.partition("masking rule ")[2].partition(": ")[2], refused=True)
    return rule


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
