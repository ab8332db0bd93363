"""Which profile a command has, and what it says. Reads its file; a parsed one is kept as config files are.

A profile is found by the command's name: `claude` has `claude.yaml`, the user's own in `~/.aigate/profiles/` or ours.
"""

from __future__ import annotations

import os

from aigate.config import cache
from aigate.config.files import shown
from aigate.config.model import Entry
from aigate.errors import ConfigError, remedy
from aigate.reading import read_from
from aigate.record import record
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OWN = os.path.dirname(os.path.abspath(__file__))
DIRECTORY, ENDING = "profiles", ".yaml"
FORMAT = "profile 3"  # change it whenever `_parse` returns something else for the same file
LONGEST_NAME = 64
COMMANDS = {"mini": "mini-swe-agent"}  # whose programs are not called as they are


@record
class Profile:
    """What an agent or a toolchain needs.

    source: where the vendor describes it. share, hosts: as `share` and `allow_net` in the config. environment:
    variables that the command gets where the caller has not set them. hints: what a person should know, a line each.
    toolchain: it is added to that of an agent, and never taken by a command's name. registries: package managers whose
    own configuration names hosts that it needs. passing: directories of the home that no layer keeps after a run.
    """

    name: str
    path: str
    source: str = ""
    share: tuple[Entry, ...] = ()
    hosts: tuple[Entry, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    hints: tuple[str, ...] = ()
    toolchain: bool = False
    registries: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()


def profile_named(name: str, state: str) -> Profile | None:
    """Return a profile, None where there is none of that name. state: `~/.aigate`. Raises ConfigError."""
    path, data = _file_of(name, state)
    return _profile(name, path, data, state) if path else None


def _file_of(name: str, state: str) -> tuple[str, bytes]:
    """Return the path of a profile's file and what is in it, an empty path where there is none. Raises ConfigError."""
    if not name or len(name) > LONGEST_NAME or not name.replace("-", "").replace("_", "").isalnum():
        return "", b""
    for directory in (f"{state}/{DIRECTORY}", OWN):
        path = f"{directory}/{name}{ENDING}"
        try:
            with open(path, "rb") as file:
                return path, read_from(file)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", path=path, hint=remedy(error)) from None
    return "", b""


def profile_of(command: str, state: str) -> Profile | None:
    """Return the profile of a command's name, None where there is none. Raises ConfigError."""
    name = os.path.basename(command)
    profile = profile_named(COMMANDS.get(name, name), state)
    return None if profile is None or profile.toolchain else profile


def names(state: str) -> list[str]:
    """Return the names of all profiles, sorted."""
    found = set()
    for directory in (f"{state}/{DIRECTORY}", OWN):
        if os.path.isdir(directory):
            found |= {name[: -len(ENDING)] for name in os.listdir(directory) if name.endswith(ENDING)}
    return sorted(found)


def passing_of_all(state: str) -> tuple[str, ...]:
    """Return what no layer keeps, of every profile: an agent may have been started by a shell, npx or a script.

    A file of the user's that cannot be read or says what means nothing is left out: whoever needs it is told so.
    """
    found: dict[str, None] = {}
    for name in names(state):
        with suppress(ConfigError):
            path, data = _file_of(name, state)
            if b"passing" in data:  # few are: the rest need not be parsed at the end of each run
                found |= dict.fromkeys(_profile(name, path, data, state).passing)
    return tuple(found)


def _profile(name: str, path: str, data: bytes, state: str) -> Profile:
    key = cache.key_of(data, FORMAT)
    plain = cache.get(state, key)
    if plain is None:
        plain = _parse(data, path)
        cache.put(state, key, plain)
    where = shown(path)

    def entries(key: str) -> tuple[Entry, ...]:
        return tuple(Entry(text, where, line) for text, line in plain.get(key, ()))

    return Profile(
        name,
        path,
        source=plain.get("source", ("", 0))[0],
        share=entries("share"),
        hosts=entries("allow_net"),
        environment=plain.get("environment", ()),
        hints=tuple(entry.text for entry in entries("hints")),
        toolchain=plain.get("toolchain", False),
        registries=tuple(entry.text for entry in entries("registries")),
        passing=tuple(entry.text for entry in entries("passing")),
    )


def _parse(data: bytes, path: str) -> dict[str, Any]:
    from aigate.config import tree
    from aigate.config.schema import check_profile

    return check_profile(tree.tree_of(tree.text_of(data, path), path), path)
