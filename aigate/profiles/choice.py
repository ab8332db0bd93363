"""Which profile a run takes by itself: that of the command's name, if nobody inside could have chosen the program."""

from __future__ import annotations

import os

from aigate.profiles.load import profile_named

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
    profile = profile_named(os.path.basename(command), state)
    if profile is None:
        return None
    places = environment.get("PATH", os.defpath).split(":") if "/" not in command else [""]
    for place in places:
        path = os.path.join(cwd, place, command)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            theirs = (*TEMPORARY, *foreign)
            return (
                None
                if any(_inside(name, top) for name in (path, os.path.realpath(path)) for top in theirs)
                else profile
            )
    return None


def _inside(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory.rstrip('/')}/")
