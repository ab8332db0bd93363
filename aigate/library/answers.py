"""`aigate.explain`: what a run could do with a path, a host or a command, and what decides. Starts no command."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from aigate.errors import AigateError
from aigate.isolation import command_line, own_environment
from aigate.library.policy import Handed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aigate.library.policy import Policy

ERROR, HINT = "aigate: ", "\n  hint: "


@dataclass(frozen=True)
class Answer:
    """Whether one thing can be done, and why. key, entry, file, line: of the config what decides, if it does.

    sees: what a program inside gets to see, "" where it can. change: the command that would change it, or words.
    """

    allowed: bool
    reason: str
    key: str
    entry: str | None
    file: str | None
    line: int | None
    sees: str
    change: str


@dataclass(frozen=True)
class OfPath:
    """What can be done with a path. real: where it leads to. exists: whether that is there, inside."""

    path: str
    real: str
    exists: bool
    read: Answer
    write: Answer
    run: Answer


@dataclass(frozen=True)
class OfHost:
    """Whether a host can be reached. host: as it was asked about. port: that was named, or None for any."""

    host: str
    port: int | None
    reach: Answer


@dataclass(frozen=True)
class OfCommand:
    """Whether a command line runs. file: the program that it starts; "" for none."""

    command: tuple[str, ...]
    file: str
    run: Answer


@overload
def explain(
    path: str | os.PathLike[str], *, policy: Policy | None = ..., cwd: str | os.PathLike[str] | None = ...
) -> OfPath: ...


@overload
def explain(*, host: str, policy: Policy | None = ..., cwd: str | os.PathLike[str] | None = ...) -> OfHost: ...


@overload
def explain(
    *, command: Sequence[str], policy: Policy | None = ..., cwd: str | os.PathLike[str] | None = ...
) -> OfCommand: ...


def explain(
    path: str | os.PathLike[str] | None = None,
    *,
    host: str | None = None,
    command: Sequence[str] | None = None,
    policy: Policy | None = None,
    cwd: str | os.PathLike[str] | None = None,
) -> OfPath | OfHost | OfCommand:
    """Return what a run could do with one path, one host (`name` or `name:port`) or one command line.

    It is the run's own code on the same records, so it says what a run does. policy: None for the user's own config.
    cwd: the directory that the project is found from. Raises AigateError; TypeError unless one thing is asked about.

        if not aigate.explain(".env").read.allowed: ...
        print(aigate.explain(host="example.com").reach.change)
    """
    if [path, host, command].count(None) != 2:  # noqa: PLR2004 -- one of the three
        raise TypeError("explain() takes one of path, host and command")
    asked: list[str] = []
    if path is not None:
        asked = [f"./{path}" if os.fspath(path).startswith("-") else os.fspath(path)]
    asked += ["--host", host] if host is not None else []
    asked += ["--", *command] if command is not None else []
    with Handed(policy) as handed:
        done = subprocess.run(
            command_line(["explain", "--json", *handed.words, *asked]),
            cwd=cwd,
            env=own_environment(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            pass_fds=handed.descriptors,
            text=True,
        )
        if done.returncode:
            message, _, hint = handed.told(done.stderr.strip()).removeprefix(ERROR).partition(HINT)
            raise AigateError(message, hint=hint or None)
        return _read(json.loads(done.stdout)[0], handed)


def _read(found: dict[str, Any], handed: Handed) -> OfPath | OfHost | OfCommand:
    values: dict[str, Any] = {
        name: _answer(value, handed) if isinstance(value, dict) else value for name, value in found.items()
    }
    if "path" in values:
        return OfPath(**values)
    if "command" in values:
        return OfCommand(**{**values, "command": tuple(values["command"])})
    return OfHost(**values)


def _answer(values: dict[str, Any], handed: Handed) -> Answer:
    file = values["file"]
    return Answer(**{**values, "file": file and handed.told(file)})
