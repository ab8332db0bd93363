"""What can stand for each option and argument: presets, profiles, entries of the config, files. Changes nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aigate.config import files, load
from aigate.errors import AigateError
from aigate.isolation import callers_environment
from aigate.policy.resolve import home_directory
from aigate.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import click

    Source = Callable[[Sequence[str]], Iterator["Candidate"]]

WORD, FILE, DIRECTORY, PROGRAM = "word", "file", "directory", "command"
SHELLS = ("bash", "zsh", "fish")  # those that there is a script for
MOST = 200  # changed files, runs
LONGEST = 80


@record
class Candidate:
    """One thing that a word could become. text: the whole word, or for a program its place. kind: WORD, FILE and so on.

    FILE, DIRECTORY and PROGRAM leave it to the shell to find some.
    """

    text: str
    help: str
    kind: str = WORD

    def line(self) -> str:
        """Return it as the shells' scripts read it."""
        return "\t".join((self.kind, self.text, self.help[:LONGEST]))

    def behind(self, prefix: str) -> Candidate:
        """Return it with something in front."""
        return Candidate(f"{prefix}{self.text}", self.help, self.kind) if self.kind == WORD else self


def values(
    path: tuple[str, ...], parameter: click.Parameter, words: Sequence[str], current: str
) -> Iterator[Candidate]:
    """Yield what one parameter of a command can be; whoever asks picks those that begin as what was typed does."""
    name = parameter.name or ""
    source = SOURCES.get((*path, name)) or SOURCES.get((name,)) or BY_METAVAR.get(_metavar(parameter))
    if source is None:
        yield from (Candidate(str(choice), "") for choice in getattr(parameter.type, "choices", ()))
    elif name in COMMAS:
        taken = current.split(",")[:-1]
        found = (one for one in source(words) if one.text not in taken)
        yield from (one.behind("".join(f"{word}," for word in taken)) for one in found)
    else:
        found = (one for one in source(words) if one.text not in words)
        exception = "!" if current.startswith("!") and name in EXCEPTIONS else ""
        yield from (one.behind(exception) for one in found if _can_be_shown(one.text + one.help))


def _metavar(parameter: click.Parameter) -> str:
    return (parameter.metavar or "").strip("[].").rstrip("]").split(" ")[0].strip("[].")


def _can_be_shown(text: str) -> bool:
    return text.isprintable()


def _state() -> str:
    return os.path.join(home_directory(), files.DIRECTORY)


def _files(_words: Sequence[str]) -> Iterator[Candidate]:
    yield Candidate("", "", FILE)


def _directories(_words: Sequence[str]) -> Iterator[Candidate]:
    yield Candidate("", "", DIRECTORY)


def _programs(words: Sequence[str]) -> Iterator[Candidate]:
    yield Candidate(str(len(words)), "", PROGRAM)


def _presets(_words: Sequence[str]) -> Iterator[Candidate]:
    from aigate.masking.presets import GROUPS, PRESETS
    from aigate.masking.rules import ALL

    yield Candidate(ALL, "every preset")
    for name, some in GROUPS.items():
        yield Candidate(name, f"{len(some)} presets")
    for name in PRESETS:
        yield Candidate(name, "")


def _profiles(_words: Sequence[str]) -> Iterator[Candidate]:
    from aigate.profiles.load import names, profile_named

    for name in names(_state()):
        profile = profile_named(name, _state())
        if profile is not None:
            yield Candidate(name, "toolchain" if profile.toolchain else "agent")


def _protections(_words: Sequence[str]) -> Iterator[Candidate]:
    from aigate.config.model import PROTECTIONS

    yield from (Candidate(name, "") for name in PROTECTIONS)


def _agents(_words: Sequence[str]) -> Iterator[Candidate]:
    from aigate.hook.agents import AGENTS

    yield from (Candidate(agent.name, agent.title) for agent in AGENTS)


def _shells(_words: Sequence[str]) -> Iterator[Candidate]:
    yield from (Candidate(name, "") for name in SHELLS)


def _kinds(_words: Sequence[str]) -> Iterator[Candidate]:
    from aigate.cli.log import KINDS

    yield from (Candidate(name, "") for name in KINDS)


def _entries(key: str) -> Source:
    """Return what yields the entries of a list that the user could take back."""

    def entries(words: Sequence[str]) -> Iterator[Candidate]:
        home, here = home_directory(), os.getcwd()
        project = files.own_project_file(here, home) if "--project" in words else None
        if "--project" in words and project is None:
            return
        layer = load.project_of(project, None).layer if project else load.global_layer(None, home)
        for entry in getattr(layer, key) or ():
            if not entry.text.startswith("!"):
                yield Candidate(entry.text, f"line {entry.line}")

    return entries


def _refused_hosts(_words: Sequence[str]) -> Iterator[Candidate]:
    from aigate.audit.reading import Reader

    seen = set()
    with Reader(_state()) as reader:
        for event in reader.events():
            host = event.get("host") if event.get("event") == "net_refused" else None
            if isinstance(host, str) and host not in seen:
                seen.add(host)
                yield Candidate(host, "was refused")


def _variables(_words: Sequence[str]) -> Iterator[Candidate]:
    yield from (Candidate(name, "") for name in sorted(callers_environment()))


def _changed(_words: Sequence[str]) -> Iterator[Candidate]:
    from aigate.cli.layer import changed_paths

    for path in changed_paths(MOST):
        yield Candidate(path, "")


def _quarantined(_words: Sequence[str]) -> Iterator[Candidate]:
    from aigate.watch.quarantine import Quarantine

    yield from (Candidate(kept.number, files.shown(kept.path)) for kept in Quarantine(_state()).all())


def _runs(_words: Sequence[str]) -> Iterator[Candidate]:
    from aigate.audit.reading import BEGINNINGS, Reader

    with Reader(_state()) as reader:
        begun = [event for event in reader.events() if event.get("event") in BEGINNINGS]
    for event in begun[:-MOST:-1]:
        yield Candidate(str(event["run"]), str(event.get("time", "")))


def _quietly(source: Source) -> Source:
    """Return a source that has nothing where it cannot find out."""

    def found(words: Sequence[str]) -> Iterator[Candidate]:
        try:
            yield from source(words)
        except (AigateError, OSError, KeyError):
            return

    return found


COMMAS = ("profile", "profiles", "require")
EXCEPTIONS = ("preset",)
SOURCES: dict[tuple[str, ...], Source] = {
    ("run", "profile"): _profiles,
    ("run", "require"): _protections,
    ("mask", "preset"): _presets,
    ("explain", "profiles"): _profiles,
    ("profiles", "show", "name"): _profiles,
    ("init", "agent"): _profiles,
    ("hook", "install", "agent"): _agents,
    ("hook", "remove", "agent"): _agents,
    ("scrub", "agent"): _agents,
    ("completion", "shell"): _shells,
    ("log", "kind"): _kinds,
    ("log", "run"): _quietly(_runs),
    ("allow", "read", "entries"): _entries("deny_read"),
    ("allow", "write", "entries"): _entries("deny_write"),
    ("allow", "exec", "entries"): _entries("deny_exec"),
    ("allow", "env", "entries"): _entries("deny_env"),
    ("allow", "net", "hosts"): _quietly(_refused_hosts),
    ("deny", "read", "entries"): _files,
    ("deny", "write", "entries"): _files,
    ("deny", "exec", "entries"): _programs,
    ("deny", "env", "entries"): _variables,
    ("deny", "net", "hosts"): _entries("allow_net"),
    ("deny", "net", "kept"): _entries("allow_net"),
    ("layer", "apply", "paths"): _quietly(_changed),
    ("layer", "discard", "paths"): _quietly(_changed),
    ("layer", "diff", "paths"): _quietly(_changed),
    ("layer", "keep", "paths"): _quietly(_changed),
    ("quarantine", "restore", "number"): _quarantined,
    ("quarantine", "drop", "number"): _quarantined,
}
BY_METAVAR: dict[str, Source] = {"FILE": _files, "PATH": _files, "DIRECTORY": _directories}
