"""A group of commands that names the nearest one where a word is none of them. Owns that answer, and no command."""

from __future__ import annotations

import difflib
import os
import shlex
import shutil

import click

from aigate.errors import UsageError
from aigate.isolation import callers_environment

MEANT = {"uninstall": "remove", "delete": "remove", "rm": "remove", "ls": "list"}


class NearestGroup(click.Group):
    """A click group that tells what was probably meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first word names. Raises UsageError with the nearest where it names none."""
        word = args[0]
        if word.startswith("-") or self.get_command(ctx, word) is not None:
            return super().resolve_command(ctx, args)
        names = self.list_commands(ctx)
        near = [MEANT[word]] if MEANT.get(word) in names else difflib.get_close_matches(word, names, n=1)
        path = ctx.command_path
        if ctx.parent is None and not (near and near[0].startswith(word)) and _is_program(word):
            near = [f"run -- {shlex.join(args)}"]
        hint = f"did you mean {path} {near[0]}?" if near else f"see {path} --help"
        raise UsageError(f"no such command: {path} {word}", hint=hint)


def _is_program(word: str) -> bool:
    """Tell whether the caller's shell would find a program of that name. None is started."""
    return shutil.which(word, path=callers_environment().get("PATH", os.defpath)) is not None
