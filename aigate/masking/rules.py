"""The config turned into masking rules. Owns what the names of presets stand for; compiles and matches nothing."""

from __future__ import annotations

import os

from aigate import bundle
from aigate.errors import RuleError
from aigate.masking.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Table = tuple[dict[str, tuple[str, ...]], dict[str, tuple[tuple[Any, ...], ...]]]

    from aigate.config.model import MaskStdout

ALL = "all"
FIELDS: tuple[str, ...] = Rule.__match_args__
PLACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "presets")  # of what decides the table


def rules_from(mask: MaskStdout | None) -> tuple[Rule, ...]:
    """Return the rules that a config asks for.

    Raises RuleError for a preset that does not exist, naming the nearest that does.
    """
    if mask is None:
        return ()
    rules = list(chosen((entry.text, f"{entry.path}:{entry.line}") for entry in mask.presets))
    for number, pattern in enumerate(mask.patterns, 1):
        source = f"{pattern.path}:{pattern.line}"
        rules.append(
            Rule(f"pattern-{number}", pattern.regex, pattern.show_prefix, pattern.case_insensitive, source=source)
        )
    return tuple(rules)


def chosen(entries: Iterable[tuple[str, str | None]]) -> tuple[Rule, ...]:
    """Return the rules of presets that are asked for, each once, in the order of the table.

    entries: the name of a preset, of a group of them, or `all`, and where it was written; `!` takes back what stands
    before it. Raises RuleError for an unknown name, and for a `!` that takes nothing back.
    """
    names: set[str] = set()
    for text, source in entries:
        some = set(members(text.removeprefix("!"), source=source))
        if not text.startswith("!"):
            names |= some
        elif names & some:
            names -= some
        else:
            raise RuleError(
                f"{_place(source)}{text!r} takes back a masking preset that was not asked for before",
                hint="write what it is an exception of, such as all, in front of it",
            )
    if not names:
        return ()
    _, presets = table()
    return tuple(Rule(*fields) for name, rules in presets.items() if name in names for fields in rules)


def preset_rules(name: str) -> tuple[Rule, ...]:
    """Return the rules of one preset, of a group, or of all. Raises RuleError for an unknown name."""
    _, presets = table()
    return tuple(Rule(*fields) for member in members(name) for fields in presets[member])


def members(name: str, *, source: str | None = None) -> tuple[str, ...]:
    """Return the names of the presets that a name stands for. Raises RuleError for an unknown name."""
    groups, presets = table()
    if name == ALL:
        return tuple(presets)
    if name in presets:
        return (name,)
    if name in groups:
        return groups[name]
    from difflib import get_close_matches

    near = get_close_matches(name, [ALL, *groups, *presets], n=1)
    hint = f"did you mean {near[0]}?" if near else "aigate mask --list-presets shows them"
    raise RuleError(f"{_place(source)}unknown masking preset {name!r}", hint=hint)


def table() -> Table:
    """Return the presets of each group, and the fields of each preset's rules: all that a start needs of the table."""
    if not _tables:
        _tables.append(bundle.value(f"presets {FIELDS}", PLACE, _worked_out))
    return _tables[0]


def _worked_out() -> Table:
    from aigate.masking.presets import GROUPS, PRESETS

    groups = {name: tuple(preset.name for preset in group) for name, group in GROUPS.items()}
    rules = {
        name: tuple(tuple(getattr(rule, field) for field in FIELDS) for rule in preset.rules)
        for name, preset in PRESETS.items()
    }
    return groups, rules


_tables: list[Table] = []


def _place(source: str | None) -> str:
    return f"{source}: " if source else ""
