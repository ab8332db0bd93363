"""What could stand next on one of aigate's command lines. Prints nothing, changes nothing and never complains.

Where a command line stands is told by click's own description of the commands; what a value can be, by `candidates`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aigate.cli.candidates import DIRECTORY, FILE, PROGRAM, WORD, Candidate, values
from aigate.cli.group import COMMANDS, FAST_COMMANDS, group
from aigate.errors import AigateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WITH_COMMAND: dict[tuple[str, ...], bool] = {
    ("run",): True,
    ("explain",): False,
}  # whether the command begins without `--`, too
ENDS = "--"


class _Line:
    """A command line that is being typed: the command it has got to, and what was said of it."""

    def __init__(self, words: Sequence[str]) -> None:
        self.command: click.Command = group
        self.path: tuple[str, ...] = ()
        self.words = words
        self.pending: click.Parameter | None = None
        self.others = 0
        self.ended = False
        self.program: int | None = None
        self.known = True
        for index, word in enumerate(words):
            self._take(word, index)

    def _take(self, word: str, index: int) -> None:
        if self.program is not None or self.pending is not None:
            self.pending = None
        elif self.ended:
            self._other(word, index)
        elif word == ENDS:
            self.ended = True
            if self.path in WITH_COMMAND:
                self.program = index + 1
        elif word.startswith("-") and word != "-":
            option = self.option(word.partition("=")[0])
            self.pending = option if option is not None and _takes_value(option) and "=" not in word else None
        else:
            self._other(word, index)

    def _other(self, word: str, index: int) -> None:
        if isinstance(self.command, click.Group):
            if word == "help" and not self.path:
                return
            found = self.command.get_command(click.Context(self.command), word)
            self.known = self.known and found is not None
            self.command, self.path = found or self.command, (*self.path, word)
        else:
            self.others += 1
            if WITH_COMMAND.get(self.path):
                self.program = index

    def option(self, name: str) -> click.Option | None:
        """Return the option of that name, of the command that was got to."""
        return next((one for one in _options(self.command) if name in (*one.opts, *one.secondary_opts)), None)

    def argument(self) -> click.Argument | None:
        """Return the argument that the next word would be for."""
        arguments = [one for one in self.command.params if isinstance(one, click.Argument)]
        if self.others < len(arguments):
            return arguments[self.others]
        return arguments[-1] if arguments and arguments[-1].nargs == -1 else None


def candidates(words: Sequence[str], current: str) -> list[Candidate]:
    """Return what the word that is being typed could become. words: those between `aigate` and it."""
    try:
        return list(_candidates(_Line(words), current))
    except (AigateError, OSError, click.ClickException):
        return []


def _candidates(line: _Line, current: str) -> Iterator[Candidate]:
    if not line.known:
        return
    if line.program is not None:
        yield Candidate(str(line.program), "", PROGRAM)
    elif line.pending is not None:
        yield from _that_begin(current, values(line.path, line.pending, line.words, current))
    elif current.startswith("--") and "=" in current and not line.ended:
        name, _, begun = current.partition("=")
        option = line.option(name)
        if option is not None:
            found = values(line.path, option, line.words, begun)
            yield from _that_begin(current, (one.behind(f"{name}=") for one in found))
    elif current.startswith("-") and not line.ended:
        yield from _that_begin(current, _option_names(line.command, long=current.startswith("--") or current == "-"))
    elif isinstance(line.command, click.Group):
        yield from _that_begin(current, _commands(line.command))
    elif WITH_COMMAND.get(line.path):
        yield Candidate(str(len(line.words)), "", PROGRAM)
    elif (argument := line.argument()) is not None:
        yield from _that_begin(current, values(line.path, argument, line.words, current))


def _commands(found: click.Group) -> Iterator[Candidate]:
    if found is group:  # none of them is imported
        yield from (Candidate(name, text) for name, (_, text) in COMMANDS.items())
        yield from (Candidate(name, text) for name, text in FAST_COMMANDS.items())
        return
    context = click.Context(found)
    for name in found.list_commands(context):
        command = found.get_command(context, name)
        if command is not None and not command.hidden:
            yield Candidate(name, command.get_short_help_str(70))


def _option_names(command: click.Command, *, long: bool) -> Iterator[Candidate]:
    for option in _options(command):
        for name in option.opts:
            if name.startswith("--") == long and not option.hidden:
                yield Candidate(name, option.help or "")


def _options(command: click.Command) -> Iterator[click.Option]:
    for one in command.get_params(click.Context(command, info_name=command.name)):
        if isinstance(one, click.Option):
            yield one


def _takes_value(option: click.Option) -> bool:
    return not option.is_flag and not option.count


def _that_begin(current: str, found: Iterable[Candidate]) -> Iterator[Candidate]:
    for one in found:
        if one.kind in {FILE, DIRECTORY, PROGRAM} or (one.kind == WORD and one.text.startswith(current)):
            yield one
