"""`aigate log`: what happened in the runs of the audit log, as a person reads it. Changes nothing."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import time
from typing import Any

import click

from aigate.audit.chain import FILE
from aigate.audit.reading import BEGINNINGS, Reader
from aigate.audit.wording import WORDS, told
from aigate.cli.colour import painted
from aigate.cli.nearest import NearestGroup
from aigate.config.files import DIRECTORY, shown
from aigate.errors import AigateError, UsageError
from aigate.policy.resolve import home_directory

RUNS = 10
KINDS = {  # what --kind takes: the events that it stands for, by the beginning of their names
    "runs": ("started", "refused", "ended"),
    "network": ("net_",),
    "files": ("watched",),
    "refused": ("refused", "net_refused", "watched"),
}
UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
AGAIN_SECONDS = 0.3
COMMAND_LENGTH = 70


@click.group("log", cls=NearestGroup, invoke_without_command=True)
@click.option("--run", "run", metavar="ID", help="Only this run; the beginning of its id is enough.")
@click.option("--since", metavar="WHEN", help="Only from then on: 30m, 2h, 7d, 2026-11-29 or 2026-11-29T08:00.")
@click.option("--kind", metavar="KIND", help=f"Only {', '.join(KINDS)}, or an event by its name.")
@click.option("--last", "last", metavar="N", type=click.IntRange(1), help=f"So many runs; {RUNS} without --since.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens from now on, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="The lines of the log as they are.")
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    """Show what happened in the last runs: what was started, refused, moved away and hidden."""
    if ctx.invoked_subcommand is None:
        _show(options)


@command.command("verify")
@click.option(
    "--head", "heads", metavar="NUMBER:HASH", multiple=True, help="As a run printed it at its end; repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="What was found, as JSON.")
def verify_log(heads: tuple[str, ...], as_json: bool) -> int:
    """Find what was changed, cut or lost of the log by accident. Exit status 1 where something was."""
    from aigate.cli.log_verify import verified

    return verified(os.path.join(home_directory(), DIRECTORY), heads, as_json=as_json)


def _show(options: dict[str, Any]) -> None:
    """Print what is wanted of the log."""
    state = os.path.join(home_directory(), DIRECTORY)
    since = options["since"]
    wanted = _Wanted(options["run"], None if since is None else _moment(since), options["kind"])
    most = options["last"] or (None if since or options["run"] else RUNS)
    show = _Json() if options["as_json"] else _Text()
    try:
        with Reader(state) as reader:
            events = list(reader.events())
            chosen = _of_last_runs(events, wanted, most)
            for event in chosen:
                show.event(event, wanted=wanted.has(event))
            if not chosen and not options["follow"]:
                _tell_none(events, options)
            while options["follow"]:
                time.sleep(AGAIN_SECONDS)
                for event in reader.events():
                    show.event(event, wanted=wanted.has(event))
    except FileNotFoundError:
        raise AigateError("there was no run yet", hint="aigate run -- COMMAND") from None
    except OSError as error:
        if error.filename is None:
            raise
        raise AigateError(f"{shown(f'{state}/{FILE}')} cannot be read: {error.strerror}") from None


def _tell_none(events: list[dict[str, Any]], options: dict[str, Any]) -> None:
    """Say that nothing of the log is what was asked for. Raises UsageError where nothing could be."""
    run, kind = options["run"], options["kind"]
    if run is not None and not any(event["run"].startswith(run) for event in events):
        raise UsageError(f"log: no run's id begins with {run!r}", hint="aigate log lists the last ones")
    if kind is not None and kind not in {*KINDS, *WORDS, *(event["event"] for event in events)}:
        raise UsageError(
            f"log: there is no event {kind!r}", hint=f"--kind takes {', '.join(KINDS)}, or an event's name"
        )
    if not options["as_json"]:
        click.echo("nothing like that happened")


class _Wanted:
    """Which events are to be shown."""

    def __init__(self, run: str | None, since: str | None, kind: str | None) -> None:
        self.run, self.since = run, since
        self.names = None if kind is None else KINDS.get(kind, (kind,))

    def has(self, event: dict[str, Any]) -> bool:
        if self.run is not None and not event["run"].startswith(self.run):
            return False
        if self.since is not None and str(event.get("time")) < self.since:
            return False
        return self.names is None or event["event"].startswith(self.names)


def _moment(text: str) -> str:
    """Return a moment as the log writes it (UTC). Raises UsageError for what is none."""
    if match := re.fullmatch(r"([0-9]{1,6})([mhdw])", text):
        moment = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=int(match[1]) * UNITS[match[2]])
    else:
        try:
            moment = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
        except ValueError:
            raise UsageError(f"log: --since takes 30m, 2h, 7d or a date, not {text!r}") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def _of_last_runs(events: list[dict[str, Any]], wanted: _Wanted, most: int | None) -> list[dict[str, Any]]:
    """Return the events of the last runs of which something is wanted, each run's together, as they began."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        runs.setdefault(event["run"], []).append(event)
    chosen = [run for run in runs.values() if any(map(wanted.has, run))]
    return [event for run in (chosen[-most:] if most else chosen) for event in run]


class _Json:
    """Events as they stand in the log."""

    def event(self, event: dict[str, Any], *, wanted: bool) -> None:
        if wanted:
            click.echo(json.dumps(event))


class _Text:
    """A heading for each run, and a line for each thing that happened in it."""

    def __init__(self) -> None:
        self.run = ""
        self.headings: dict[str, str] = {}

    def event(self, event: dict[str, Any], *, wanted: bool) -> None:
        run = event["run"]
        begins = event["event"] in BEGINNINGS and "command" in event
        if begins:
            what = f"{_short(str(event['command']))}  in {event.get('directory', '?')}"
            self.headings[run] = f"{_clock(event, date=True)}  {run[:8]}  {what}"
        if not wanted:
            return
        if run != self.run:
            self.run = run
            _say(self.headings.get(run, f"{_clock(event, date=True)}  {run[:8]}"), bold=True)
        if not begins:
            _say(f"  {_clock(event)}  {told(event)}")


def _say(text: str, *, bold: bool = False) -> None:
    click.echo(painted(shown(text), bold=bold))


def _clock(event: dict[str, Any], *, date: bool = False) -> str:
    """Return an event's time as the clock here shows it."""
    try:
        moment = dt.datetime.fromisoformat(str(event.get("time"))).astimezone()
    except ValueError:
        return "?"
    return moment.strftime("%Y-%m-%d %H:%M:%S" if date else "%H:%M:%S")


def _short(command: str) -> str:
    line = command.split("\n", 1)[0]
    return line if len(line) <= COMMAND_LENGTH and line == command else line[: COMMAND_LENGTH - 1] + "…"
