"""Every command line of aigate's on the manual's pages is one that aigate understands."""

from __future__ import annotations

import pathlib

import click
import pytest
from manual import PAGES, ROOT, calls

from aigate.cli import mask, run
from aigate.cli.group import group
from aigate.cli.options import parse
from aigate.errors import AigateError

FAST = {"run": (run.OPTIONS, False), "mask": (mask.OPTIONS, True)}
ANY = frozenset({"COMMAND", "NAME", "X"})


def understood(words: list[str]) -> None:
    """Raise what aigate would raise for a command line that it does not understand. Nothing is run."""
    if words[0] in FAST:
        options, interspersed = FAST[words[0]]
        parse(options, words[1:], command=words[0], interspersed=interspersed)
        return
    command: click.Command = group
    context = click.Context(group, info_name="aigate")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if words[0] in ANY or words[0] == "help":
            return
        _, found, words = command.resolve_command(context, words)
        assert found is not None
        command, context = found, click.Context(found, info_name=found.name, parent=context)
    if not words or command is group:
        return
    try:
        command.make_context(command.name, list(words), parent=context.parent)
    except (click.MissingParameter, click.exceptions.Exit):
        return
    except click.BadOptionUsage as error:  # an option is mentioned without its value
        if "requires an argument" not in error.message:
            raise


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page(page: pathlib.Path) -> None:
    wrong = []
    for words in calls(page):
        try:
            understood(list(words))
        except (AigateError, click.ClickException) as error:
            said = error.message if isinstance(error, AigateError) else error.format_message()
            wrong.append(f"aigate {' '.join(words)}: {said}")
    assert not wrong, "\n".join(wrong)


def test_the_pages_hold_many() -> None:
    assert sum(len(list(calls(page))) for page in PAGES) > 300


@pytest.mark.parametrize("words", [["statsu"], ["log", "--lst"], ["run", "--quite", "x"], ["layer", "dif"]])
def test_a_wrong_one_is_found(words: list[str]) -> None:
    with pytest.raises((AigateError, click.ClickException)):
        understood(words)
