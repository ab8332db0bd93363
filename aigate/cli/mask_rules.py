"""`aigate mask --rules` and `--explain-rules`: tells what of a file of rules is not had, and what rules cost."""

from __future__ import annotations

from aigate.cli.output import say
from aigate.config.files import shown
from aigate.errors import ConfigError
from aigate.masking.foreign.rules import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.masking.rule import Rule


def foreign(path: str) -> tuple[tuple[Rule, ...], bool]:
    """Return the rules of a file, and whether one was left out; what is not had is told. Raises ConfigError."""
    rules, notes = read(path)
    for note in notes:
        where = f"{path}: " if note.rule is None else f"{path}: rule {note.rule}: "
        say(f"aigate: {shown(where)}{'left out: ' if note.refused else ''}{shown(note.text)}\n")
    if not rules:
        raise ConfigError("none of its rules can be used", path=path)
    return rules, any(note.refused for note in notes)


def explained(rules: tuple[Rule, ...], *, as_json: bool) -> str:
    """Return what each rule costs, as a table or as JSON: bytes a second, seconds to prepare."""
    from aigate.masking.cost import costs

    each, together = costs(rules)
    if as_json:
        import json

        rows = [
            {
                "name": cost.name,
                "source": cost.source,
                "rate": round(cost.rate),
                "preparing": cost.preparing,
                "slow": cost.slow,
            }
            for cost in (*each, together)
        ]
        return json.dumps(rows, indent=2) + "\n"
    width = max(len(cost.name) for cost in (*each, together))
    lines = [f"{'rule':<{width}}  MB/s alone  ms to prepare"]
    lines += [
        f"{cost.name:<{width}}  {cost.rate / 1e6:10.0f}  {cost.preparing * 1e3:13.2f}{'  slow' if cost.slow else ''}"
        for cost in (*each, together)
    ]
    return "\n".join(map(shown, lines)) + "\n"
