"""`aigate explain`: what a run could do with a path, a command or a host, which line of which file says so."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING, Any

import click

from aigate.audit.reading import last_runs
from aigate.cli.colour import BAD, GOOD, painted
from aigate.config.files import shown
from aigate.errors import AigateError, UsageError
from aigate.policy.resolve import caller
from aigate.session.explaining import Answer, Explaining, OfCommand, OfPath
from aigate.session.known import with_known
from aigate.session.linux import policy_of, prepare_under
from aigate.session.opening import open_run, with_profiles
from aigate.session.reaching import OfHost, reach
from aigate.session.request import Request, Talk

if TYPE_CHECKING:
    from aigate.audit.reading import Run

    Found = OfPath | OfCommand | OfHost

KINDS = ("read", "write", "run", "reach")
COLUMN = " " * 22
LOGGED = "Files that were read in vain are not on record: the kernel itself denies them."
NO_REFUSAL = frozenset(("login", "cleared", "renewed"))  # kinds of what was seen of files


class _Words(click.Command):
    """A command of which the words behind `--` are another command's."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep what stands behind `--` apart."""
        if "--" in args:
            place = args.index("--")
            ctx.obj = tuple(args[place + 1 :])
            args = args[:place]
        return super().parse_args(ctx, args)


@click.command(cls=_Words, context_settings={"ignore_unknown_options": False})
@click.argument("paths", metavar="[PATH]... [-- COMMAND...]", nargs=-1)
@click.option("--host", "hosts", metavar="NAME", multiple=True, help="A host, with or without :PORT; repeatable.")
@click.option("--last", is_flag=True, help="Go through what the last run was refused.")
@click.option(
    "--values", is_flag=True, help="Name the values that are hidden since they are known, none of them itself."
)
@click.option("--config", "config_file", metavar="FILE", help="Use this file instead of ~/.aigate/config.yaml.")
@click.option("--profile", "profiles", metavar="NAMES", default="", help="As for aigate run.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(words: tuple[str, ...] | None, /, paths: tuple[str, ...], hosts: tuple[str, ...], **options: Any) -> None:
    """Say what a run could do with a path, a command or a host, which line of which file says so, and what changes it.

    aigate explain .env, aigate explain --host example.com, aigate explain -- git push, aigate explain --last
    """
    last, values = bool(options["last"]), bool(options["values"])
    words = words or ()
    if not (paths or hosts or words or last or values):
        raise UsageError("explain what?", hint="aigate explain PATH, --host NAME, --last, --values, or -- COMMAND")
    who = caller()
    run = _last_run(who.home) if last else None
    request = Request(
        words or ("true",),
        config=options["config_file"],
        dry_run=True,
        profiles=tuple(name for name in options["profiles"].split(",") if name),
    )
    explaining = explaining_of(request)
    found: list[Found] = [explaining.path(path) for path in paths]
    found += [reach(host, explaining) for host in hosts]
    found += [explaining.command(words)] if words else []
    refused = refused_in(run, explaining) if run else []
    known = explaining.prepared.known
    if options["as_json"]:
        named = [{"values": known}] if values else []
        click.echo(json.dumps([*(_plain(item) for item in (*found, *refused)), *named], indent=2))
        return
    if values:
        click.echo("\n".join(_named(known)))
    if run is not None:
        click.echo(_about(run))
    if lines := [line for item in (*found, *refused) for line in _lines(item)]:
        click.echo("\n".join(lines))
    if run is not None:
        click.echo(LOGGED)


def explaining_of(request: Request) -> Explaining:
    """Return what a run here would be, without one."""
    talk = Talk(lambda _: None, lambda _: False, lambda _: False, lambda _: None, lambda _: None)
    opening = with_profiles(open_run(request, talk, caller(), owner=os.getuid()))
    try:
        _, prepared = with_known(opening, prepare_under(policy_of(opening), opening))
        return Explaining(opening.config, prepared, request.config)
    finally:
        opening.log.close()


def _named(known: tuple[str, ...]) -> list[str]:
    """Return the names of known values, as lines."""
    if not known:
        return ["no value is known: see mask_stdout, values"]
    return ["hidden in the output, however they are written, the values of", *(f"  {shown(name)}" for name in known)]


def _last_run(home: str) -> Run:
    """Return the last run, in whose directory everything else is looked at."""
    runs = last_runs(f"{home}/.aigate")
    if not runs:
        raise AigateError("there was no run yet", hint="aigate run -- COMMAND")
    started = runs[0].first("started")
    if started and os.path.isdir(str(started.get("directory"))):
        os.chdir(str(started["directory"]))
    return runs[0]


def refused_in(run: Run, explaining: Explaining) -> list[Found]:
    """Return what the config says now about each thing that a run was refused."""
    found: dict[object, Found] = {}
    for event in run.events:
        if event["event"] == "net_refused":
            text = _host_of(event)
            try:
                found.setdefault(("host", text), reach(text, explaining))
            except UsageError:
                continue  # what an agent asked for need not be a host
        elif event["event"] == "watched" and event.get("kind") == "tried":
            for words in _denied_as(str(event.get("path")), explaining):
                found.setdefault(words, explaining.command(words))
        elif event["event"] == "watched" and event.get("path") and event.get("kind") not in NO_REFUSAL:
            found.setdefault(("path", event["path"]), explaining.path(str(event["path"])))
        elif event["event"] == "refused" and event.get("reason") == "deny_exec":
            words = tuple(str(event.get("entry", "")).split())
            found.setdefault(words, explaining.command(words))
    return list(found.values())


def _denied_as(program: str, explaining: Explaining) -> list[tuple[str, ...]]:
    """Return the entries of deny_exec that a program, tried under its name alone, may have been refused for."""
    entries = [tuple(entry.text.split()) for entry in explaining.config.deny_exec or ()]
    return [words for words in entries if os.path.basename(words[0]) == program] or [(program,)]


def _host_of(event: dict[str, Any]) -> str:
    subject, port = str(event.get("subject")), event.get("port")
    if port is None:
        return subject
    return f"[{subject}]:{port}" if ":" in subject else f"{subject}:{port}"


def _about(run: Run) -> str:
    started, ended = run.first("started"), run.first("ended")
    if started is None:
        return f"The last run did not start ({run.events[0]['time']})."
    status = f", exit status {ended['status']}" if ended else ""
    said = shown(f"{started.get('command')} in {started.get('directory')}")
    return f"The last run: {said} ({started['time']}{status})."


def _lines(item: Found) -> list[str]:
    lines = [shown(_title(item))]
    kinds: dict[Answer, list[str]] = {}
    for kind in KINDS:
        if hasattr(item, kind):
            kinds.setdefault(getattr(item, kind), []).append(kind)
    return [*lines, *(line for answer, some in kinds.items() for line in _said(", ".join(some), answer))]


def _title(item: Found) -> str:
    if isinstance(item, OfPath):
        return item.path if item.real == item.path else f"{item.path} -> {item.real}"
    if isinstance(item, OfHost):
        return item.host
    return shlex.join(item.command) + (f"  ({item.file})" if item.file else "")


def _verdict(*, allowed: bool) -> str:
    return painted(f"{'yes' if allowed else 'no':<3}", GOOD if allowed else BAD)


def _said(kind: str, answer: Answer) -> list[str]:
    lines = [f"  {kind:<15} {_verdict(allowed=answer.allowed)} {shown(answer.reason)}"]
    if answer.entry is not None:
        word = "" if answer.entry.text == answer.key else f" {answer.entry.text}"
        lines.append(f"{COLUMN}{shown(f'{answer.entry.path}:{answer.entry.line}: {answer.key}{word}')}")
    if answer.sees:
        lines.append(f"{COLUMN}inside: {answer.sees}")
    if answer.change:
        lines.append(f"{COLUMN}to change it: {shown(answer.change)}")
    return lines


def _plain(item: Found) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in item.__match_args__}
    return {name: _answer(value) if isinstance(value, Answer) else value for name, value in values.items()}


def _answer(answer: Answer) -> dict[str, Any]:
    entry = answer.entry
    return {
        "allowed": answer.allowed,
        "reason": answer.reason,
        "key": answer.key,
        "entry": entry.text if entry else None,
        "file": entry.path if entry else None,
        "line": entry.line if entry else None,
        "sees": answer.sees,
        "change": answer.change,
    }
