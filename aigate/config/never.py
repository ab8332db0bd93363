"""Hosts that the user has answered "never" about: ~/.aigate/never, one name a line. They are refused unasked.

A host that `allow_net` names is reached all the same: what the config says goes first.
"""

from __future__ import annotations

import os

from aigate.config import files

FILE = "never"


def path_of(home: str) -> str:
    """Return the path of the list."""
    return os.path.join(home, files.DIRECTORY, FILE)


def lines(home: str | None) -> dict[str, int]:
    """Return each name with the number of its line.

    Raises ConfigError where the list is there and cannot be relied on.
    """
    if home is None or not os.path.lexists(path_of(home)):
        return {}
    text = files.read(path_of(home)).decode("ascii", "replace")
    return {line: number for number, line in enumerate(text.split("\n"), 1) if line}


def add(names: list[str], *, home: str) -> None:
    """Put names on the list. Raises ConfigError where it cannot be written."""
    from aigate.config import rewrite

    rewrite.rewrite(path_of(home), lambda old: _text([*_names(old), *names]), create=True)


def forget(names: list[str], *, home: str) -> list[str]:
    """Take names off the list, and return those that were on it. Raises ConfigError where it cannot be written."""
    found = [name for name in names if name in lines(home)]
    if found:
        from aigate.config import rewrite

        rewrite.rewrite(
            path_of(home), lambda old: _text([name for name in _names(old) if name not in found]), create=False
        )
    return found


def _names(old: bytes | None) -> list[str]:
    return [line for line in (old or b"").decode("ascii", "replace").split("\n") if line]


def _text(names: list[str]) -> bytes:
    return "".join(f"{name}\n" for name in dict.fromkeys(names)).encode("ascii", "replace")
