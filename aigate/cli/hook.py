"""`aigate hook`: masking what an agent's tools return before the model reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import click

from aigate.cli.nearest import NearestGroup
from aigate.config.files import shown
from aigate.config.meant import meant
from aigate.errors import AigateError, EnforcementError, UsageError
from aigate.hook import codex, own
from aigate.hook.agents import AGENTS, BY_NAME, placed
from aigate.hook.own import OwnFile
from aigate.hook.settings import Settings
from aigate.isolation import callers_environment
from aigate.policy.resolve import home_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate._masker import Masker
    from aigate.hook.agents import Agent

SAMPLE = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"
TRIAL_SECONDS = 60


@click.group(cls=NearestGroup)
def command() -> None:
    """Take secrets out of what an agent's tools return, before the model reads it and the transcript keeps it."""


@command.command("install")
@click.argument("agent", metavar="AGENT")
@click.option("--project", is_flag=True, help="In this directory's settings instead of your own.")
def install(agent: str, project: bool) -> None:
    """Put aigate into an agent's settings, and try whether it works."""
    found = _agent(agent)
    settings = _settings(found, project=project)
    changed = settings.install(_program("hook"), _program("shell"), _launcher())
    if changed:
        settings.write()
    where = shown(settings.path)
    click.echo(f"{found.title}: {'hooks are in' if changed else 'hooks were already in'} {where}")
    for event in found.events:
        click.echo(f"  {event}: {_program('hook')}")
    if found.shell:
        click.echo(f"  {found.shell}: {_program('shell')}")
    for limit in found.limits:
        click.echo(f"  not covered: {limit}")
    if found.name == "codex":
        _agree(settings.path)
    _try(found, settings.path)
    click.echo("  tried: a made-up key was masked")
    click.echo(f"What lies in older transcripts: aigate scrub {found.name}")


@command.command("remove")
@click.argument("agent", metavar="AGENT")
@click.option("--project", is_flag=True, help="From this directory's settings instead of your own.")
def remove(agent: str, project: bool) -> None:
    """Take aigate out of an agent's settings."""
    found = _agent(agent)
    settings = _settings(found, project=project)
    if settings.remove():
        settings.write()
        click.echo(f"{found.title}: hooks are gone from {shown(settings.path)}")
    else:
        click.echo(f"{found.title}: there are none in {shown(settings.path)}")


@command.command("status")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Say for each agent whether hooks are installed, what they cannot do, and whether they work."""
    rows = [_row(agent) for agent in AGENTS]
    failures = [str(row["failure"]) for row in rows if row["failure"]]
    if as_json:
        click.echo(json.dumps({"agents": rows, "failure": failures[0] if failures else None}))
    else:
        _show(rows)
    if failures:
        raise EnforcementError(f"the hooks are installed and do not work: {failures[0]}")


def _row(agent: Agent) -> dict[str, object]:
    settings = _settings(agent, project=False)
    installed = settings.installed()
    failure = _failure(agent, settings.path) if installed else None
    limits = list(agent.limits)
    return {"agent": agent.name, "tried": agent.tried, "limits": limits, "installed": installed, "failure": failure}


def _show(rows: list[dict[str, object]]) -> None:
    for row in rows:
        agent = BY_NAME[str(row["agent"])]
        word = "installed" if row["installed"] else "not installed"
        works = ", works" if row["installed"] and not row["failure"] else ""
        click.echo(f"{agent.name}: {word}{works} (tried with {agent.title} {agent.tried})")
        for limit in agent.limits:
            click.echo(f"  not covered: {limit}")


@command.command("serve", hidden=True)
@click.option("--at", "path", metavar="PATH")
def serve(path: str | None) -> None:
    """Answer the hooks on a socket; without one only see whether everything for it is there."""
    from aigate.hook.service import Service

    rules = _Rules()
    rules.masker()
    if path is not None:
        Service(path, rules.masker).serve()


class _Rules:
    """The masker that `aigate mask` would use here; made anew when the config has changed."""

    def __init__(self) -> None:
        self.seen: tuple[int, int] | None = None
        self.made: Masker | None = None

    def masker(self) -> Masker:
        from aigate.cli.mask import masker_here

        seen = _stamp(os.path.join(home_directory(), ".aigate/config.yaml"))
        made = self.made
        if made is None or seen != self.seen:
            made = masker_here(None)
            self.made, self.seen = made, seen
        return made


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _agent(name: str) -> Agent:
    found = BY_NAME.get(name)
    if found is None:
        raise UsageError(
            f"hook: {name} is no agent whose files are known",
            hint=meant(name, BY_NAME, f"one of: {', '.join(BY_NAME)}"),
        )
    if sys.platform != "linux":
        raise EnforcementError("aigate hook is Linux's")
    return found


def _settings(agent: Agent, *, project: bool) -> Settings | OwnFile:
    here = os.path.join(os.getcwd(), agent.project)
    path = here if project else placed(agent.settings, home_directory(), callers_environment())
    return (OwnFile if agent.name in own.CONTENTS else Settings)(agent, path)


def _program(name: str) -> str:
    import aigate

    path = os.path.join(os.path.dirname(os.path.abspath(aigate.__file__)), "native", name)
    if not os.access(path, os.X_OK):
        raise AigateError(f"a part of aigate is missing: {shown(path)}", hint="install aigate again")
    return path


def _launcher() -> str:
    """Return the program that the user calls."""
    import shutil

    own = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "aigate")
    beside = os.path.join(os.path.dirname(sys.executable), "aigate")
    for path in (own, beside, shutil.which("aigate")):
        if path and os.path.isabs(path) and os.access(path, os.X_OK):
            return path
    raise AigateError("the program aigate is not found", hint="put its directory into PATH")


def _agree(path: str) -> None:
    """Have Codex run the hooks, which it does not for those that nobody has agreed to."""
    try:
        codex.trust(path)
    except codex.UnansweredError as error:
        raise EnforcementError(
            f"the hooks are in {shown(path)}, and Codex does not run them yet: {error}",
            hint="start codex and agree to them under /hooks, or repeat this with codex in PATH",
        ) from None


def _try(agent: Agent, path: str) -> None:
    failure = _failure(agent, path)
    if failure:
        raise EnforcementError(f"the hooks are installed and do not work: {failure}")


def _failure(agent: Agent, path: str) -> str | None:
    """Ask the hook what an agent would ask it; return what is wrong with the answer."""
    if agent.name == "codex":
        try:
            if not codex.is_trusted(path):
                return "Codex does not run them: agree to them under /hooks, or install them again"
        except codex.UnansweredError as error:
            return f"whether Codex runs them cannot be said: {error}"
    result = {"stdout": f"key {SAMPLE}\n"}
    names: dict[str, object] = {"hook_event_name": agent.events[0], "tool_name": "Bash", "toolName": "bash"}
    event = {**names, "tool_response": result, "toolResult": result, "value": result}  # as each of them calls it
    try:
        done = subprocess.run(
            [_program("hook"), agent.name, _launcher()],
            input=json.dumps(event),
            capture_output=True,
            text=True,
            timeout=TRIAL_SECONDS,
            check=False,
            env=callers_environment(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if SAMPLE in done.stdout or "***" not in done.stdout:
        return (
            _why_none()
            if "could not look for secrets" in done.stdout
            else "the config has no rule for a made-up GitHub token"
        )
    return None


def _why_none() -> str:
    """Return why there is no service: what it says when it is started without a socket."""
    words = [_launcher(), "hook", "serve"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=callers_environment())
    if done.returncode:
        return done.stderr.partition("\n")[0].removeprefix("aigate: ")
    return "neither XDG_RUNTIME_DIR nor /tmp has a place for its socket that is yours alone"
