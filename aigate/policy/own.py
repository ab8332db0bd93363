"""Where everything lies that aigate itself is made of, so that no command changes what the next start runs.

Looks, never changes. What lies so that it cannot be protected stops the run.
"""

from __future__ import annotations

import os
import sys

from aigate.errors import PolicyError
from aigate.isolation import callers_environment, is_isolated, programs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("aigate", "click", "yaml", "dns", "h11", "hpack")


def own_code() -> list[str]:
    """Return the real paths of aigate's programs, of its packages' directories, and of its Python.

    Where aigate is a library of another program, what else that one can import is its own affair.
    """
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    paths = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, package, *programs()]
    if is_isolated():
        paths += [path for path in sys.path if os.path.exists(path)]
    return list(dict.fromkeys(os.path.realpath(path) for path in paths))


def check_place(own: list[str], home: str, project: str) -> None:
    """Raise PolicyError where a directory of aigate's own holds the project, and so has to be writable."""
    for path in own:
        holds = _below(project, path)
        if holds and (_below(path, home) or path == project) and os.access(path, os.W_OK):
            raise PolicyError(
                f"aigate runs from {path}, where the command could change it",
                hint="install aigate outside of the project: pipx install, or uv tool install",
            )


def copies_in_caches(home: str) -> list[str]:
    """Return the directories of uv's cache that hold the same files as aigate's packages.

    uv installs by hard links where it can, so whoever changes a file in the cache has changed it here.
    """
    installed = {_identity(status) for status in _modules(sys.path) if status.st_nlink > 1}
    if not installed:
        return []
    given = callers_environment()
    cache = given.get("UV_CACHE_DIR") or f"{given.get('XDG_CACHE_HOME') or f'{home}/.cache'}/uv"
    entries = [entry for shelf in _entries(cache) if "/archive-" in shelf for entry in _entries(shelf)]
    return [
        os.path.realpath(entry)
        for entry in entries
        if any(_identity(status) in installed for status in _modules([entry]))
    ]


def _modules(directories: list[str]) -> Iterator[os.stat_result]:
    for directory in directories:
        for name in PACKAGES:
            try:
                yield os.stat(f"{directory}/{name}/__init__.py")
            except OSError:
                continue


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _entries(directory: str) -> list[str]:
    try:
        return [f"{directory}/{name}" for name in os.listdir(directory)]
    except OSError:
        return []


def _below(path: str, directory: str) -> bool:
    return f"{path}/".startswith(f"{directory.rstrip('/')}/")
