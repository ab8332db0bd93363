"""`aigate mask --rules`: tells what of a file of rules is not had."""

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
