"""The git repositories that hold hidden files, and which of those files git tracks. Looks, and changes nothing.

A mask is no file of git's: taken for one it would be committed, or its absence would. So for as long as a sandbox
runs, the index says of each hidden file that git shall leave it alone (`gitindex`); `host.gitbits` sets that and takes
it back.
"""

from __future__ import annotations

import os

from aigate.policy.gitindex import SHA1_BYTES, SHA256_BYTES, IndexFormatError, tracked
from aigate.policy.model import GitIndex
from aigate.reading import content_of, read_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aigate.policy.model import Hidden, Protected

GIT_FILE_BYTES = 4096
MAX_CONFIG = 1 << 20
MAX_INDEX = 1 << 30
MOST_SETTINGS = 1 << 15  # bytes of a config that the sandbox has a copy of


def find_indexes(hidden: Sequence[Hidden], writable: Sequence[str]) -> tuple[GitIndex, ...]:
    """Return the indexes that track hidden paths. writable: the directories that the sandbox can write to."""
    tops: dict[str, str] = {}
    within: dict[str, list[Hidden]] = {}
    for item in hidden:
        for top in _tops_above(item.path, writable, tops):
            within.setdefault(top, []).append(item)
    found = (_index_of(top, items) for top, items in within.items())
    return tuple(index for index in found if index is not None)


def _tops_above(path: str, writable: Sequence[str], tops: dict[str, str]) -> Iterable[str]:
    """Yield the top of the work tree that a path lies in. tops: what was found out about directories before."""
    if any(path.startswith(f"{directory}/") for directory in writable):
        top = _top(os.path.dirname(path), tops)
        if top:
            yield top


def _top(directory: str, tops: dict[str, str]) -> str:
    """Return the nearest directory from this one up that holds a `.git`, or ""."""
    passed = []
    while directory not in tops:
        passed.append(directory)
        if directory == "/" or os.path.lexists(f"{directory}/.git"):
            tops[directory] = "" if directory == "/" else directory
        else:
            directory = os.path.dirname(directory)
    tops.update(dict.fromkeys(passed, tops[directory]))
    return tops[directory]


def _index_of(top: str, hidden: Sequence[Hidden]) -> GitIndex | None:
    """Return a work tree's index, if it tracks any hidden path or cannot be understood."""
    directory = git_directory(top)
    try:
        with open(os.open(f"{directory}/index", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            data = read_from(file, MAX_INDEX)
        status = os.lstat(directory)
    except OSError:
        return None  # nothing is tracked
    names = [(os.fsencode(item.path[len(top) + 1 :]), item.directory) for item in hidden]
    files = frozenset(name for name, is_directory in names if not is_directory)
    directories = tuple(name + b"/" for name, is_directory in names if is_directory)
    id_bytes, reason, found = _id_bytes(directory), "", dict[bytes, bool]()
    try:
        found = tracked(data, id_bytes, files, directories)
    except IndexFormatError as error:
        reason = str(error)
    if not found and not reason:
        return None
    identity = (status.st_dev, status.st_ino)
    return GitIndex(top, directory, identity, id_bytes, tuple(map(os.fsdecode, found)), reason)


def git_directory(top: str) -> str:
    """Return the repository's directory of a work tree: `.git`, or what the file of that name says."""
    path = f"{top}/.git"
    if not os.path.isfile(path):
        return os.path.realpath(path)
    with open(path, "rb") as file:
        line = os.fsdecode(read_from(file, GIT_FILE_BYTES).partition(b"\n")[0])
    return os.path.realpath(os.path.join(top, line.removeprefix("gitdir:").strip()))


def find_settings(protected: Sequence[Protected], writable: Sequence[str]) -> tuple[str, ...]:
    """Return the config files of repositories that are protected, and are there as git itself has made them."""
    return tuple(
        item.path
        for item in protected
        if os.path.basename(item.path) == "config"
        and not (item.placeholder or item.link or item.directory)
        and any(item.path.startswith(f"{directory}/") for directory in writable)
        and os.path.isfile(f"{os.path.dirname(item.path)}/HEAD")
        and os.path.getsize(item.path) <= MOST_SETTINGS
    )


def _id_bytes(directory: str) -> int:
    """Return how long a repository's object ids are (`extensions.objectFormat`)."""
    try:
        above = os.fsdecode(content_of(f"{directory}/commondir", GIT_FILE_BYTES).partition(b"\n")[0])
    except OSError:
        above = "."
    try:
        text = content_of(os.path.realpath(os.path.join(directory, above, "config")), MAX_CONFIG).lower()
    except OSError:
        return SHA1_BYTES
    lines = [line.replace(b" ", b"").replace(b"\t", b"") for line in text.split(b"\n")]
    return SHA256_BYTES if b"objectformat=sha256" in lines else SHA1_BYTES


def git_programs(directories: Sequence[str], project: str) -> tuple[str, ...]:
    """Return git's program files: in PATH, and beside its own commands, by which it starts itself.

    Not one in the project, which may be the very thing that is being built there.
    """
    found: dict[str, None] = {}
    for directory in directories:
        path = os.path.realpath(f"{directory}/git")
        if os.path.isfile(path) and os.access(path, os.X_OK):
            found[path] = None
            above = os.path.dirname(os.path.dirname(path))
            for core in (f"{above}/lib/git-core/git", f"{above}/libexec/git-core/git"):
                if os.path.isfile(core):
                    found[os.path.realpath(core)] = None
    return tuple(path for path in found if not path.startswith(f"{project}/"))
