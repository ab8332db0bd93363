"""Masking rules as records, and the config turned into them. Owns what a rule is; compiles and matches nothing."""

from __future__ import annotations

from aigate.errors import RuleError
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.config.model import Entry, MaskStdout

ALL = "all"
BUILT_IN = "aigate's own rules"  # the source of rules that the tests have compiled: start-up need not do it again


@record
class Rule:
    """One masking rule.

    name: what the counts call it; rules that share a name are counted together.
    regex: RE2 syntax. A group named `secret` limits what is hidden to that group.
    show_prefix: bytes of a match (or of that group) that stay readable.
    source: `file:line` where it was written, for messages.
    until: makes it a block rule: what lies between a match of `regex` and the next match of `until`, lines in between
        included, is hidden, and the two matches stay readable. `show_prefix` has no meaning then.
    """

    name: str
    regex: str
    show_prefix: int = 0
    case_insensitive: bool = False
    source: str | None = None
    until: str | None = None


def rules_from(mask: MaskStdout | None) -> tuple[Rule, ...]:
    """Return the rules that a config asks for, each preset once; the preset `all` is all of them.

    Raises RuleError for a preset that does not exist, naming the nearest that does.
    """
    if mask is None:
        return ()
    rules = [rule for name in _preset_names(mask.presets) for rule in preset_rules(name)]
    for number, pattern in enumerate(mask.patterns, 1):
        source = f"{pattern.path}:{pattern.line}"
        rules.append(
            Rule(f"pattern-{number}", pattern.regex, pattern.show_prefix, pattern.case_insensitive, source=source)
        )
    return tuple(rules)


def preset_rules(name: str, *, source: str | None = None) -> tuple[Rule, ...]:
    """Return the rules of one preset, or of every preset for `all`. Raises RuleError for an unknown name."""
    from aigate.masking.presets import PRESETS

    if name == ALL:
        return tuple(rule for preset in PRESETS.values() for rule in preset.rules)
    if name in PRESETS:
        return PRESETS[name].rules
    from difflib import get_close_matches

    near = get_close_matches(name, [ALL, *PRESETS], n=1)
    hint = f"did you mean {near[0]}?" if near else "aigate mask --list-presets shows them"
    where = f"{source}: " if source else ""
    raise RuleError(f"{where}unknown masking preset {name!r}", hint=hint)


def _preset_names(entries: tuple[Entry, ...]) -> list[str]:
    names: list[str] = []
    for entry in entries:
        preset_rules(entry.text, source=f"{entry.path}:{entry.line}")
        if entry.text not in names:
            names.append(entry.text)
    return [ALL] if ALL in names else names
