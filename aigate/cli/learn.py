"""`aigate learn`: what the last runs here were refused, to be allowed by ticking it."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING

import click

from aigate.audit.reading import last_runs
from aigate.cli import allow
from aigate.cli.explain import explaining_of, refused_in
from aigate.cli.question import agreed, answer, can_be_asked
from aigate.config.files import DIRECTORY, shown
from aigate.errors import UsageError
from aigate.policy.resolve import home_directory
from aigate.record import record
from aigate.session.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aigate.audit.reading import Run
    from aigate.cli.explain import Found
    from aigate.session.explaining import Answer, Explaining

LOOKED_AT, MOST_OFFERED = 200, 40
VERBS = {"net": "reach", "read": "read", "write": "make or change", "exec": "run"}


@record
class Offer:
    """One thing to allow. what, where, word: of `aigate allow WHAT [--project] WORD`. runs: how many missed it."""

    what: str
    where: tuple[str, ...]
    word: str
    runs: int


@click.command()
@click.option("--runs", metavar="NUMBER", type=click.IntRange(1), default=5, help="Look at so many runs; left out: 5.")
@click.option("--take", metavar="NUMBERS", help="Allow these of the list without asking: 1,3 or all.")
@click.option("--dry-run", is_flag=True, help="Show the changes as diffs and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON, and change nothing.")
def command(runs: int, take: str | None, dry_run: bool, as_json: bool) -> None:
    """List what the last runs in this project were refused, and allow what you tick.

    Hosts, files that may not appear, commands. What the kernel itself denies leaves no trace to be listed.
    """
    explaining = explaining_of(Request(("true",), dry_run=True))
    offers = offered(explaining, _runs_here(explaining.policy.project, runs))
    if as_json:
        click.echo(json.dumps([{name: getattr(one, name) for name in one.__match_args__} for one in offers], indent=2))
        return
    if not offers:
        click.echo("The last runs here were refused nothing that an entry of the config would allow.")
        return
    click.echo("\n".join(f"{number:>3}  {_told(offer)}" for number, offer in enumerate(offers, 1)))
    if take is None and not can_be_asked():
        click.echo("aigate learn --take NUMBERS allows some of them")
        return
    typed = answer("Which of them shall be allowed? Numbers, all, or nothing:") if take is None else take
    edits = _edits(chosen(typed, offers))
    for words in edits:
        _allow(words, "--dry-run")
    if not edits or dry_run or (take is None and not agreed("Write this?")):
        return
    for words in edits:
        _allow(words)


def offered(explaining: Explaining, runs: Iterable[Run]) -> list[Offer]:
    """Return what the config as it is now still denies of what runs were refused, and would allow by an entry."""
    counted: dict[tuple[str, tuple[str, ...], str], int] = {}
    for run in runs:
        changes = {_answer(item).change for item in refused_in(run, explaining) if not _answer(item).allowed}
        for change in sorted(changes):
            words = shlex.split(change) if change.startswith("aigate allow ") else []
            if words:
                key = words[2], tuple(words[3:-1]), words[-1]
                counted[key] = counted.get(key, 0) + 1
    return [Offer(*key, times) for key, times in list(counted.items())[:MOST_OFFERED]]


def chosen(typed: str, offers: Sequence[Offer]) -> list[Offer]:
    """Return the offers that numbers name. Raises UsageError for what names none."""
    words = typed.replace(",", " ").split()
    if words == ["all"]:
        return list(offers)
    for word in words:
        if not (word.isascii() and word.isdigit() and 1 <= int(word) <= len(offers)):
            raise UsageError(f"learn: {word!r} is none of the list", hint=f"numbers from 1 to {len(offers)}, or all")
    return [offers[number - 1] for number in dict.fromkeys(map(int, words))]


def _runs_here(project: str, most: int) -> list[Run]:
    """Return the last runs in a project, and those that did not start."""
    found = []
    for run in last_runs(os.path.join(home_directory(), DIRECTORY), LOOKED_AT):
        started = run.first("started")
        place = f"{started.get('directory')}/" if started else f"{project}/"
        if place.startswith(f"{project}/"):
            found.append(run)
    return found[:most]


def _answer(item: Found) -> Answer:
    """Return the answer that a refusal is about: of a path, what keeps it from being made or changed."""
    for kind in ("reach", "write", "run"):
        if hasattr(item, kind):
            found: Answer = getattr(item, kind)
            return found
    raise AssertionError(item)


def _told(offer: Offer) -> str:
    times = "" if offer.runs == 1 else f"  ({offer.runs} runs)"
    return shown(f"{VERBS[offer.what]} {offer.word}{times}")


def _edits(offers: Iterable[Offer]) -> list[tuple[str, ...]]:
    """Return the words of the commands, one for each list of each file."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for offer in offers:
        grouped.setdefault((offer.what, *offer.where), []).append(offer.word)
    return [(*head, "--", *words) for head, words in grouped.items()]


def _allow(words: tuple[str, ...], *options: str) -> None:
    allow.command.main([words[0], *options, *words[1:]], prog_name="aigate allow", standalone_mode=False)
