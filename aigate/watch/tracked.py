"""Whether something is exactly what git has checked out there: the user's own checkout brings such files.

Asks git(1), which reads objects and nothing else: no setting of the user's, no hook, no program of the repository's.
"""

from __future__ import annotations

import os
import time

from aigate.reading import content_of, read_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # before git 2.44 nothing else keeps it from asking a remote for a missing object
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
COMMITS = ("HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD")
CHECKOUT_SECONDS = 0.5
MOST_BYTES = 1 << 24  # of one file: what is larger is no setting
LINK, TREE = "120000", "040000"


class Repository:
    """The work tree that a path lies in, below a directory. top: its root. git: its git directory."""

    def __init__(self, top: str, git: str, tool: str) -> None:
        self.top, self.git, self._tool = top, git, tool

    @property
    def busy(self) -> bool:
        """Tell whether somebody is changing its index, or has just done so: a checkout writes HEAD after that."""
        if os.path.lexists(f"{self.git}/index.lock"):
            return True
        try:
            return time.time() - os.stat(f"{self.git}/index").st_ctime < CHECKOUT_SECONDS
        except OSError:
            return False

    def holds(self, path: str) -> bool:
        """Tell whether what is at a path is, whole, what a commit that is checked out has there."""
        relative = os.path.relpath(path, self.top)
        wanted = _found(path, relative)
        return bool(wanted) and any(self._has(commit, relative, wanted) for commit in COMMITS)

    def _has(self, commit: str, relative: str, wanted: dict[str, tuple[str, str]]) -> bool:
        if commit != "HEAD" and not os.path.lexists(f"{self.git}/{commit}"):
            return False
        listed = self._ask("ls-tree", "-r", "-z", "--full-tree", commit, "--", relative)
        there = {}
        for line in listed.split(b"\0")[:-1]:
            about, _, name = line.partition(b"\t")
            mode, _, number = about.decode().split()
            there[os.fsdecode(name)] = (mode, number)
        if not there:
            return False
        kind = "sha256" if len(next(iter(there.values()))[1]) == 64 else "sha1"  # noqa: PLR2004
        return {name: (mode, _number(kind, mode, place)) for name, (mode, place) in wanted.items()} == there

    def _ask(self, *words: str) -> bytes:
        place = (f"--git-dir={self.git}", f"--work-tree={self.top}", "--literal-pathspecs")
        return ask(self._tool, *place, *words) or b""


def ask(tool: str, *words: str) -> bytes | None:
    """Return what git(1) prints, or None if it fails."""
    from subprocess import DEVNULL, TimeoutExpired, run

    try:
        done = run(
            [tool, *words], env=ENVIRONMENT, cwd="/", stdin=DEVNULL, capture_output=True, timeout=10, check=False
        )
    except TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None


def repository_of(path: str, within: str, find_tool: Callable[[str], str | None]) -> Repository | None:
    """Return the repository whose work tree a path lies in. within: the directory that is looked up to."""
    tool = find_tool("git")
    directory = os.path.dirname(path)
    while tool and (directory == within or directory.startswith(f"{within.rstrip('/')}/")):
        git = git_directory(directory)
        if git:
            return Repository(directory, git, tool)
        directory = os.path.dirname(directory)
    return None


def git_directory(top: str) -> str:
    """Return the git directory of a work tree, or ""; a `.git` file names it (gitrepository-layout(5))."""
    place = f"{top}/.git"
    if os.path.isdir(place):
        return place
    if not os.path.isfile(place):  # of thousands of directories one in the other none may cost much
        return ""
    try:
        text = os.fsdecode(content_of(os.path.realpath(place), 4096))
    except OSError:
        return ""
    named = text.partition("gitdir:")[2].strip()
    directory = os.path.join(top, named) if named else ""
    return directory if directory and os.path.isfile(f"{directory}/HEAD") else ""


def _found(path: str, relative: str) -> dict[str, tuple[str, str]]:
    """Return every file at or below a path, as git names it: its mode and where it is; nothing for what git has not."""
    if not os.path.isdir(path) or os.path.islink(path):
        mode = _mode(path)
        return {relative: (mode, path)} if mode else {}
    found = {}
    for directory, folders, names in os.walk(path):
        for name in (*names, *(each for each in folders if os.path.islink(f"{directory}/{each}"))):
            place = f"{directory}/{name}"
            mode = _mode(place)
            if not mode:
                return {}
            found[f"{relative}/{os.path.relpath(place, path)}"] = (mode, place)
    return found


def _mode(path: str) -> str:
    import stat

    try:
        found = os.lstat(path)
    except OSError:
        return ""
    if stat.S_ISLNK(found.st_mode):
        return LINK
    if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
        return ""
    return "100755" if found.st_mode & stat.S_IXUSR else "100644"


def _number(kind: str, mode: str, path: str) -> str:
    """Return the number that git gives to a file's content."""
    import hashlib

    try:
        if mode == LINK:
            content = os.fsencode(os.readlink(path))
        else:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with open(descriptor, "rb") as file:
                content = read_from(file, MOST_BYTES)
    except OSError:
        return ""
    return hashlib.new(kind, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
