"""What `aigate layer diff` says of one file: the lines that differ, or what else does.

An agent chose what is compared, so nothing takes long: the work is diff(1)'s, which gives up on what would, and files
that are too large or no text are told as that. No link is followed, and only plain files are opened.
"""

from __future__ import annotations

import os
import stat
import subprocess

from aigate.cli.wording import counted
from aigate.config.files import shown
from aigate.host.tools import find_tool
from aigate.reading import read_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 1 << 20  # bytes of a file whose lines are compared
PATIENCE_SECONDS = 20
KINDS = {stat.S_IFLNK: "link", stat.S_IFDIR: "directory", stat.S_IFIFO: "FIFO", stat.S_IFSOCK: "socket"}
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
DIFFER = 1  # the status of diff(1)


def comparison(old: str, new: str, name: str) -> Iterator[str]:
    """Yield lines that say how two files differ, of which either may be missing. name: what they are called."""
    before, after = _status(old), _status(new)
    if after is not None and stat.S_ISCHR(after.st_mode):
        after = None  # an overlay's mark of what was removed
    if before and after and (before.st_mode != after.st_mode):
        yield f"mode {stat.filemode(before.st_mode)} -> {stat.filemode(after.st_mode)}"
    for path, status, mark in ((old, before, "-"), (new, after, "+")):
        if status and not stat.S_ISREG(status.st_mode):
            yield mark + _what(path, status)
    first, second = _content(old, before), _content(new, after)
    if isinstance(first, bytes) and isinstance(second, bytes):
        yield from _lines(first, second, name)
        return
    why = " and ".join(dict.fromkeys(each for each in (first, second) if isinstance(each, str)))
    sizes = " -> ".join(counted(status.st_size, "byte") for status in (before, after) if status)
    yield f"no lines to show: {why} ({sizes})"


def _what(path: str, status: os.stat_result) -> str:
    """Return what stands there in place of a file; a run may change it meanwhile."""
    kind = KINDS.get(stat.S_IFMT(status.st_mode), "device")
    try:
        return f"{kind} to {shown(os.readlink(path))}" if stat.S_ISLNK(status.st_mode) else kind
    except OSError:
        return kind


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except OSError:
        return None


def _content(path: str, status: os.stat_result | None) -> bytes | str:
    """Return a text, empty for what is no file; or why it cannot be shown."""
    if status is None or not stat.S_ISREG(status.st_mode):
        return b""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            content = read_from(file, LARGEST + 1)
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    if len(content) > LARGEST:
        return f"it is larger than {LARGEST:,} bytes"
    return "it is no text" if b"\0" in content else content


def _lines(old: bytes, new: bytes, name: str) -> Iterator[str]:
    """Yield the lines of a unified diff, without what is not printable."""
    if old == new:
        return
    if not old or not new:
        found = [f"{'-' if old else '+'}{line}" for line in _text(old or new)]
        yield from (f"--- {name}", f"+++ {name}", f"@@ -{_range(old)} +{_range(new)} @@")
    else:
        said = _diff(old, new, name)
        if said is None:
            yield "the lines that differ are not told: diff(1) is not there, or took too long"
            return
        found = [line for line in _text(said) if not line.startswith("\\ ")]
    for line in found:
        yield line if line.isprintable() else line.encode("unicode_escape").decode()


def _text(content: bytes) -> list[str]:
    lines = content.decode("utf-8", "backslashreplace").split("\n")
    return lines if lines[-1] else lines[:-1]


def _range(content: bytes) -> str:
    count = len(_text(content))
    return f"{1 if count else 0},{count}" if count != 1 else "1"


def _diff(old: bytes, new: bytes, name: str) -> bytes | None:
    tool = find_tool("diff")
    if tool is None:
        return None
    files = [os.memfd_create(word) for word in ("old", "new")]
    try:
        for descriptor, content in zip(files, (old, new), strict=True):
            with open(descriptor, "wb", closefd=False) as file:
                file.write(content)
        argv = [tool, "-u", "--label", name, "--label", name, *(f"/dev/fd/{descriptor}" for descriptor in files)]
        done = subprocess.run(
            argv, pass_fds=files, capture_output=True, timeout=PATIENCE_SECONDS, check=False, env=ENVIRONMENT
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    else:
        return done.stdout if done.returncode == DIFFER else None
    finally:
        for descriptor in files:
            os.close(descriptor)
