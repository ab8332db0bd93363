"""`aigate scrub`: secrets overwritten in the transcripts that an agent keeps."""

from __future__ import annotations

import glob
import json
import os
import shutil

import click

from aigate.cli.mask import masker_here
from aigate.cli.wording import counted
from aigate.config.files import shown
from aigate.config.meant import meant
from aigate.errors import AigateError, UsageError
from aigate.hook.agents import BY_NAME, rooted
from aigate.hook.database import scrub_database
from aigate.hook.scrub import Scrubbed, scrub
from aigate.isolation import callers_environment
from aigate.policy.resolve import home_directory

LEFT = 4  # exit status where a file was left alone, as of `aigate mask --in-place`


@click.command("scrub")
@click.argument("agent", metavar="AGENT")
@click.option("--apply", "change", is_flag=True, help="Overwrite; without it the secrets are only counted.")
@click.option("--backup", metavar="DIR", help="Copy each file that is to be changed there first.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(agent: str, change: bool, backup: str | None, as_json: bool) -> int:
    """Overwrite secrets in an agent's transcripts with asterisks, byte for byte: they stay valid and usable.

    Exit status: 4 if a file had to be left alone.
    """
    found = BY_NAME.get(agent)
    if found is None:
        raise UsageError(
            f"scrub: {agent} is no agent whose files are known",
            hint=meant(agent, BY_NAME, f"one of: {', '.join(BY_NAME)}"),
        )
    if backup is not None and not change:
        raise UsageError("scrub: --backup belongs to --apply", hint="see aigate scrub --help")
    home, masker = home_directory(), masker_here(None)
    results = []
    for patterns, look in ((found.transcripts, scrub), (found.databases, scrub_database)):
        for path in _files(patterns, home):
            result = look(path, masker, change=False)
            if change and result.counts and result.left is None:
                if backup is not None:
                    _keep(path, home, backup)
                result = look(path, masker, change=True)
            results.append(result)
    if as_json:
        click.echo(json.dumps(_told(results, change=change)))
    else:
        _show(results, change=change, agent=agent)
        for path in _files(found.beside, home):
            click.echo(f"not looked at: {shown(path)}, which is no JSON or database: aigate mask --in-place is for it")
    return LEFT if any(result.left for result in results) else 0


def _files(patterns: tuple[str, ...], home: str) -> list[str]:
    found: set[str] = set()
    for pattern in patterns:
        root, name = rooted(pattern, home, callers_environment())
        found |= {
            os.path.join(root, path) for path in glob.glob(name, root_dir=root, recursive=True, include_hidden=True)
        }
    return sorted(found)


def _keep(path: str, home: str, backup: str) -> None:
    inside = path.startswith(f"{home}/")  # a variable may have moved it elsewhere
    target = os.path.join(backup, os.path.relpath(path, home if inside else "/"))
    try:
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        shutil.copy2(path, target)
    except OSError as error:
        raise AigateError(f"{shown(path)} cannot be copied to {shown(target)}: {error.strerror}") from None


def _told(results: list[Scrubbed], *, change: bool) -> dict[str, object]:
    files = [{"path": one.path, "rules": one.counts, "left": one.left} for one in results if one.counts or one.left]
    return {"files": len(results), "changed": change, "found": files}


def _show(results: list[Scrubbed], *, change: bool, agent: str) -> None:
    hidden = [result for result in results if result.counts]
    for result in results:
        if result.left:
            click.echo(f"aigate: {shown(result.path)}: left alone: {result.left}", err=True)
    for result in hidden:
        rules = ", ".join(f"{name} {count}" for name, count in sorted(result.counts.items()))
        click.echo(f"{shown(result.path)}: {rules}")
    total = sum(sum(result.counts.values()) for result in hidden)
    word = "overwritten" if change else "found"
    click.echo(f"{counted(len(results), 'file')}, {counted(total, 'secret')} {word} in {len(hidden)} of them")
    if hidden and not change:
        click.echo(f"Nothing was changed. aigate scrub {agent} --apply overwrites them.")
