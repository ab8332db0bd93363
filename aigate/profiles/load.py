"""Which profile a command has, and what it says. Reads its file; a parsed one is kept as config files are.

A profile is found by the command's name: `claude` has `claude.yaml`, the user's own in `~/.aigate/profiles/` or ours.
"""

from __future__ import annotations

import os

from aigate.config import cache
from aigate.config.model import Entry
from aigate.errors import ConfigError
from aigate.reading import read_from
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OWN = os.path.dirname(os.path.abspath(__file__))
DIRECTORY, ENDING = "profiles", ".yaml"
FORMAT = "profile 1"  # change it whenever `_parse` returns something else for the same file
LONGEST_NAME = 64


@record
class Profile:
    """What an agent needs. share: as in the config. source: where the vendor describes it."""

    name: str
    path: str
    source: str
    share: tuple[Entry, ...]


def profile_named(name: str, state: str) -> Profile | None:
    """Return a profile, None where there is none of that name. state: `~/.aigate`. Raises ConfigError."""
    if not name or len(name) > LONGEST_NAME or not name.replace("-", "").replace("_", "").isalnum():
        return None
    for directory in (f"{state}/{DIRECTORY}", OWN):
        path = f"{directory}/{name}{ENDING}"
        try:
            with open(path, "rb") as file:
                data = read_from(file)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", path=path) from None
        return _profile(name, path, data, state)
    return None


def names(state: str) -> list[str]:
    """Return the names of all profiles, sorted."""
    found = set()
    for directory in (f"{state}/{DIRECTORY}", OWN):
        if os.path.isdir(directory):
            found |= {name[: -len(ENDING)] for name in os.listdir(directory) if name.endswith(ENDING)}
    return sorted(found)


def _profile(name: str, path: str, data: bytes, state: str) -> Profile:
    key = cache.key_of(data, FORMAT)
    plain = cache.get(state, key)
    if plain is None:
        plain = _parse(data, path)
        cache.put(state, key, plain)
    source, share = plain
    return Profile(name, path, source, tuple(Entry(text, path, line) for text, line in share))


def _parse(data: bytes, path: str) -> tuple[str, tuple[tuple[str, int], ...]]:
    from aigate.config import tree
    from aigate.config.schema import check_profile

    found: dict[str, Any] = check_profile(tree.tree_of(tree.text_of(data, path), path), path)
    return found.get("source", ("", 0))[0], found.get("share", ())
