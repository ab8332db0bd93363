"""Which profile a run takes by itself: that of the command's name, if nobody inside could have chosen the program."""

from __future__ import annotations

import os

from aigate.profiles.load import profile_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aigate.profiles.load import Profile

TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108 -- never opened


def profile_for(
    command: str, environment: Mapping[str, str], state: str, *, cwd: str, foreign: Iterable[str]
) -> Profile | None:
    """Return the profile that goes with a command, or None. foreign: directories that an agent can write to.

    Whoever could put a program called `claude` there would get what Claude Code's profile shares. Raises ConfigError.
    """
    profile = profile_of(command, state)
    if profile is None:
        return None
    return profile if trusted_program(command, environment, cwd=cwd, foreign=foreign) else None


def trusted_program(command: str, environment: Mapping[str, str], *, cwd: str, foreign: Iterable[str]) -> str | None:
    """Return the path of a command's program, None where there is none or an agent could have put it there."""
    places = environment.get("PATH", os.defpath).split(":") if "/" not in command else [""]
    for place in places:
        path = os.path.join(cwd, place, command)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            theirs = (*TEMPORARY, *foreign)
            planted = any(_inside(name, top) for name in (path, os.path.realpath(path)) for top in theirs)
            return None if planted else path
    return None


def _inside(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory.rstrip('/')}/")
