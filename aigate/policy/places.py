"""Whether a path lies in a directory; and variables that name a directory which is another one, or none, inside. Pure.

Those for temporary files are set to what is there. For others, an empty directory of that name is made; below /run,
where nobody makes any, the variable is left out.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aigate.policy.model import Policy

PRIVATE = "/tmp"  # noqa: S108 -- a file system of the sandbox's own
EMPTY = ("/tmp", "/var/tmp", "/run", "/var/run", "/dev")  # noqa: S108 -- inside, or nearly so
REPLACED = EMPTY if sys.platform == "linux" else ()
TEMPORARY = ("TMPDIR", "TMP", "TEMP", "TEMPDIR", "npm_config_tmp", "NPM_CONFIG_TMP")
RUNTIME = ("XDG_RUNTIME_DIR",)
ROOMY = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 -- where the command may make directories
LONGEST = 1000  # bytes of a path


def within(path: str, directory: str) -> bool:
    """Tell whether a path is a directory or lies below it."""
    return path == directory or below(path, directory)


def below(path: str, directory: str) -> bool:
    """Tell whether a path lies below a directory."""
    return path != directory and path.startswith(directory.rstrip("/") + "/")


def inner_variables(
    variables: Sequence[tuple[str, str]], seen: Sequence[str], is_directory: Callable[[str], bool]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return the command's variables as they make sense inside, and the directories to be made for them, empty.

    seen: directories of the caller's that are there, with everything below them. is_directory: about his files.
    """
    found, rooms = [], []
    for name, value in variables:
        if not _is_gone(value, seen):
            found.append((name, value))
        elif name in TEMPORARY:
            found.append((name, PRIVATE))
        elif name not in RUNTIME:
            path = _single(value)
            if not _is_plain(path) or not is_directory(path):
                found.append((name, value))
            elif any(within(path, place) for place in ROOMY):
                found.append((name, value))
                rooms.append(path)
    return tuple(found), tuple(dict.fromkeys(rooms))


def seen_in(policy: Policy) -> tuple[str, ...]:
    """Return the caller's directories, and what else of his, that stand inside as they are outside."""
    home = () if policy.view.kind == "closed" else (policy.home,)
    return (*home, *policy.writable, *policy.exposed, *(item.path for item in policy.view.layered))


def is_replaced(path: str, seen: Sequence[str]) -> bool:
    """Tell whether a path lies where the sandbox has something of its own, and so is not there inside."""
    return any(within(path, place) for place in REPLACED) and not any(within(path, place) for place in seen)


def _is_gone(value: str, seen: Sequence[str]) -> bool:
    """Tell whether a directory is not there inside; the roots of what is replaced are."""
    path = _single(value)
    return bool(path) and path not in ("/tmp", "/var/tmp", "/dev/shm") and is_replaced(path, seen)  # noqa: S108


def _single(value: str) -> str:
    """Return a path without slashes that mean nothing, which scripts that join paths leave."""
    while "//" in value:
        value = value.replace("//", "/")
    return value.rstrip("/")


def _is_plain(path: str) -> bool:
    """Tell whether a value names one place, and nothing that leads elsewhere."""
    return len(path) < LONGEST and ":" not in path and not {"", ".", ".."} & set(path.split("/")[1:])
