"""The config turned into masking rules. Owns what the names of presets stand for; compiles and matches nothing."""

from __future__ import annotations

from aigate.errors import RuleError
from aigate.masking.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from aigate.config.model import MaskStdout

ALL = "all"


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
    return tuple(rule for name in members(ALL) if name in names for rule in preset_rules(name)) if names else ()


def preset_rules(name: str) -> tuple[Rule, ...]:
    """Return the rules of one preset, of a group, or of all. Raises RuleError for an unknown name."""
    from aigate.masking.presets import PRESETS

    return tuple(rule for member in members(name) for rule in PRESETS[member].rules)


def members(name: str, *, source: str | None = None) -> tuple[str, ...]:
    """Return the names of the presets that a name stands for. Raises RuleError for an unknown name."""
    from aigate.masking.presets import GROUPS, PRESETS

    if name == ALL:
        return tuple(PRESETS)
    if name in PRESETS:
        return (name,)
    if name in GROUPS:
        return tuple(preset.name for preset in GROUPS[name])
    from difflib import get_close_matches

    near = get_close_matches(name, [ALL, *GROUPS, *PRESETS], n=1)
    hint = f"did you mean {near[0]}?" if near else "aigate mask --list-presets shows them"
    raise RuleError(f"{_place(source)}unknown masking preset {name!r}", hint=hint)


def _place(source: str | None) -> str:
    return f"{source}: " if source else ""
