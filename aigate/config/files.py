"""Where the config files are, and their bytes: read once, never blocking. Knows nothing of what is in them."""

from __future__ import annotations

import os
import stat

from aigate.errors import ConfigError, MissingConfigError, remedy

DIRECTORY = ".aigate"
GLOBAL_NAME = "config.yaml"
PROJECT_NAME = ".aigate.yaml"
MAX_BYTES = 1 << 20
LEASED = "a program holds a lease on it; fuser -v names it"


def global_path(home: str) -> str:
    """Return the path of the user's own config file."""
    return os.path.join(home, DIRECTORY, GLOBAL_NAME)


def has_global(home: str) -> bool:
    """Tell whether the user has a config of his own, in any form. Raises ConfigError where that cannot be told."""
    return _is_there(global_path(home))


def project_files(directory: str, home: str | None) -> list[str]:
    """Return the project files that apply in `directory`: its own and those of all folders above, outermost first.

    The home directory, what lies above it, and the root are never a project. Nothing ends the search before, neither a
    nearer file nor a `.git`: an agent could put one into a subfolder, to be rid of what applies there. A name that is
    there in any form counts, a dangling link too: `read_project` then says what is wrong.
    Raises ConfigError where a folder cannot be searched.
    """
    candidates = [os.path.join(folder, PROJECT_NAME) for folder in _project_folders(directory, home)]
    return [path for path in reversed(candidates) if _is_there(path)]


def own_project_file(directory: str, home: str | None) -> str | None:
    """Return the project file that an edit in `directory` is meant for: the nearest one within the same repository."""
    for folder in _project_folders(directory, home):
        candidate = os.path.join(folder, PROJECT_NAME)
        if _is_there(candidate):
            return candidate
        if _is_there(os.path.join(folder, ".git")):
            return None
    return None


def _project_folders(directory: str, home: str | None) -> list[str]:
    """Return `directory` and the folders above that can be a project's, nearest first."""
    current = os.path.realpath(directory)
    end = os.path.realpath(home) if home else None
    folders = []
    while current != "/" and not (end and (end == current or end.startswith(current + "/"))):
        folders.append(current)
        current = os.path.dirname(current)
    return folders


def read_global(path: str, *, explicit: bool) -> bytes:
    """Return the bytes of the user's config.

    explicit: the user named this file. Else it is the usual one: MissingConfigError when it is not there, and nobody
    else may be able to write to it. Raises ConfigError for everything that `read` refuses.
    """
    if not explicit and not _is_there(path):
        raise MissingConfigError("there is no config yet", path=shown(path), hint="create one: aigate init")
    return _read(path, os.O_RDONLY, private=not explicit)


def read_project(path: str) -> bytes:
    """Return the bytes of a project's config file; a link is followed only within the project.

    Raises ConfigError for a link that leaves the project and for everything that `read` refuses: the file may forbid
    something, so only the user's own hand lets anything go on without it.
    """
    try:
        return _read_within(path)
    except ConfigError as error:
        error.hint = error.hint or without(path)
        raise


def without(path: str) -> str:
    """Return how to go on without a project's file, in words: only the user's own hand leaves out what it forbids."""
    there = shown(path)
    return f"to go on without it: mv {there} {there}.off"


def _read_within(path: str) -> bytes:
    root = os.path.dirname(path)
    target = os.path.realpath(path)
    if not target.startswith(root.rstrip("/") + "/"):
        raise ConfigError(f"is a link out of the project, to {shown(target)}", path=shown(path))
    if not os.path.lexists(target):
        raise ConfigError(f"is a link to {shown(target)}, which is not there", path=shown(path))
    return _read(target, os.O_RDONLY | os.O_NOFOLLOW, private=False)


def read(path: str) -> bytes:
    """Return the bytes of a file of aigate's own that nobody else may be able to write to.

    Raises ConfigError when it is missing, unreadable, no regular file, or over 1 MiB.
    """
    return _read(path, os.O_RDONLY, private=True)


def shown(path: str) -> str:
    """Return a path fit for a message: one line, whatever its name holds."""
    return path if path.isprintable() else ascii(path)[1:-1]


def _is_there(path: str) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be looked for: {_reason(error)}", path=shown(path)) from None
    return True


def _read(path: str, flags: int, *, private: bool) -> bytes:
    try:
        # Without O_NONBLOCK a FIFO in the file's place would keep aigate waiting for ever.
        fd = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError) as error:
        leased = isinstance(error, BlockingIOError)
        raise ConfigError(f"cannot be opened: {LEASED if leased else _reason(error)}", path=shown(path)) from None
    try:
        status = os.fstat(fd)
        _check(status, path, private=private)
        return _all(fd, path)
    except OSError as error:
        raise ConfigError(f"cannot be read: {_reason(error)}", path=shown(path), hint=remedy(error)) from None
    finally:
        os.close(fd)


def _check(status: os.stat_result, path: str, *, private: bool) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise ConfigError("is a directory, not a file", path=shown(path))
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError("is not a regular file", path=shown(path))
    if private and status.st_mode & stat.S_IWOTH:
        hint = f"chmod o-w {shown(path)}"
        raise ConfigError("can be written by anyone, so it cannot be relied on", path=shown(path), hint=hint)


def _all(fd: int, path: str) -> bytes:
    blocks = []
    size = 0
    while block := os.read(fd, MAX_BYTES + 1):
        size += len(block)
        if size > MAX_BYTES:
            raise ConfigError("is larger than 1 MiB", path=shown(path))
        blocks.append(block)
    return b"".join(blocks)


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
