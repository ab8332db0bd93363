"""Command lines of the two commands that must start fast. Owns parsing and help text; knows no command.

Importing click or argparse costs more time than `aigate mask` has, so `run` and `mask` list their options here as
data. The conventions are getopt_long's: `--name value`, `--name=value`, `-n value`, `--` ends the options.
"""

from __future__ import annotations

from aigate.errors import UsageError
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

HELP_COLUMN = 26


@record
class Option:
    """One option. names: spellings, the long one first. metavar: what its value is called, None for a flag."""

    names: tuple[str, ...]
    help: str
    metavar: str | None = None


@record
class Parsed:
    """What was typed: (long name, value or None) in order, then the rest of the words."""

    options: tuple[tuple[str, str | None], ...]
    rest: tuple[str, ...]

    def flag(self, name: str) -> bool:
        """Tell whether the flag was given."""
        return any(option == name for option, _ in self.options)

    def last(self, name: str) -> str | None:
        """Return the value given last, or None."""
        values = [value for option, value in self.options if option == name]
        return values[-1] if values else None


def parse(options: Sequence[Option], words: Sequence[str], *, command: str, interspersed: bool) -> Parsed:
    """Split a command line.

    interspersed: options may follow other words (else the first other word ends the options).
    Raises UsageError for an unknown option (naming the nearest), a missing value, or a value given to a flag.
    """
    known = {name: option for option in options for name in option.names}
    found: list[tuple[str, str | None]] = []
    rest: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word == "--":
            rest.extend(words[position:])
            break
        if not word.startswith("-") or word == "-":
            rest.append(word)
            if interspersed:
                continue
            rest.extend(words[position:])
            break
        name, has_value, value = word.partition("=") if word.startswith("--") else (word, "", "")
        option = known.get(name)
        if option is None:
            raise _unknown(name, known, command)
        if option.metavar is None:
            if has_value:
                raise UsageError(f"{name} takes no value", hint=f"see aigate {command} --help")
            found.append((option.names[0], None))
            continue
        if not has_value:
            if position == len(words):
                raise UsageError(f"{name} needs a value", hint=f"see aigate {command} --help")
            value = words[position]
            position += 1
        found.append((option.names[0], value))
    return Parsed(tuple(found), tuple(rest))


def help_text(usage: str, summary: str, options: Sequence[Option]) -> str:
    """Return the text of --help, in the layout that click gives the other commands."""
    lines = [f"Usage: aigate {usage}", "", *(f"  {line}".rstrip() for line in summary.splitlines()), "", "Options:"]
    for option in options:
        left = ", ".join(sorted(option.names, key=len)) + (f" {option.metavar}" if option.metavar else "")
        if len(left) <= HELP_COLUMN - 2:
            lines.append(f"  {left:<{HELP_COLUMN}}{option.help}")
        else:
            lines += [f"  {left}", f"  {'':<{HELP_COLUMN}}{option.help}"]
    return "\n".join(lines) + "\n"


def _unknown(name: str, known: dict[str, Option], command: str) -> UsageError:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"see aigate {command} --help"
    return UsageError(f"{command}: no such option: {name}", hint=hint)
