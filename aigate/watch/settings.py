"""Which of git's settings leave a sandbox, and how: a new remote, and what branches track. Nothing that runs anything.

The sandbox writes to a copy of a repository's config (`backends.layout.Redirect`). What has changed there is brought
into the user's own file key by key, under git's own lock, and in place: were the file replaced, what stands over it
inside would be gone for a moment, and an agent could choose that moment. What changes outside goes into the copy.
"""

from __future__ import annotations

import os
import stat

from aigate.reading import content_of, read_from
from aigate.suppress import suppress
from aigate.watch.quarantine import NEW_FILE, open_directory
from aigate.watch.tracked import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Values = dict[str, tuple[str, ...]]

SCRATCH, NOTE = "settings-", ".held"  # and a process id between them
LONGEST = 4096
MOST_BYTES = 1 << 16
REBASES = ("true", "false", "merges", "interactive")
TAG_OPTIONS = ("--tags", "--no-tags")


class Settings:
    """The config files of one run that the sandbox has copies of. state: aigate's own directory; tool: git(1)."""

    def __init__(self, state: str, tool: str | None) -> None:
        self._scratch, self._tool = f"{state}/{SCRATCH}{os.getpid()}", tool
        _sweep(state)
        self._last: dict[str, Values] = {}  # what both sides had last
        self._known: dict[str, frozenset[str]] = {}  # remotes and submodules that were there at the start
        self._told: set[tuple[str, str]] = set()

    def exchange(self, path: str, inner: str) -> tuple[str, list[str]]:
        """Bring out what may leave, and return what the copy is to become ("": it stays) and which keys may not leave.

        The first time nothing has run yet, and what is in the copy is what was there. Raises OSError: try again, since
        git outside is at work on the file.
        """
        content = inner.encode("utf-8", "surrogateescape")
        outer = _read(path)
        theirs, ours = self._values(content), self._values(outer)
        if theirs is None or ours is None:
            return "", self._tell(path, ["what git cannot read"])
        if path not in self._last:
            self._last[path], self._known[path] = theirs, frozenset(map(_owner, theirs))
        out, into, kept = merged(self._last[path], theirs, ours, self._known[path])
        if out:
            _overwrite(path, outer, self._changed(outer, out), f"{self._scratch}{NOTE}")
        self._last[path] = {key: value for key, value in theirs.items() if key not in into}
        self._last[path] |= {key: self._last[path].get(key, ()) for key in into}
        new = self._changed(content, into) if into else b""
        return new.decode("utf-8", "surrogateescape"), self._tell(path, kept)

    def compares(self, path: str) -> bool:
        """Tell whether a config and its copy have been compared once, so that it is known what changed since."""
        return path in self._last

    def _tell(self, path: str, keys: Iterable[str]) -> list[str]:
        new = [key for key in keys if (path, key) not in self._told]
        self._told.update((path, key) for key in new)
        return new

    def _values(self, content: bytes) -> Values | None:
        """Return a config's settings in order, or None if git cannot read it."""
        _write(self._scratch, content)
        listed = (
            ask(self._tool, "config", "--file", self._scratch, "--no-includes", "--list", "-z") if self._tool else None
        )
        os.unlink(self._scratch)
        if listed is None:
            return None
        found: Values = {}
        for line in listed.split(b"\0")[:-1]:
            name, _, value = line.decode("utf-8", "surrogateescape").partition("\n")
            found[name] = (*found.get(name, ()), value)
        return found

    def _changed(self, content: bytes, values: Values) -> bytes:
        """Return a config with other settings, written by git."""
        assert self._tool is not None  # noqa: S101 -- it has read the file
        _write(self._scratch, content)
        try:
            for key, several in values.items():
                ask(self._tool, "config", "--file", self._scratch, "--unset-all", key)
                for value in several:
                    ask(self._tool, "config", "--file", self._scratch, "--add", key, value)
            with open(self._scratch, "rb") as file:
                return read_from(file)
        finally:
            os.unlink(self._scratch)


def _sweep(state: str) -> None:
    """Remove what was written for git, and git's lock that was held, where whoever did it was killed."""
    for name in os.listdir(state):
        process = name.removeprefix(SCRATCH).partition(".")[0]  # git's own lock has the same name, and `.lock`
        if not name.startswith(SCRATCH) or os.path.exists(f"/proc/{process}"):
            continue
        if name.endswith(NOTE):
            with suppress(OSError):  # it is gone, or the repository is
                _let_go(f"{state}/{name}")
        with suppress(FileNotFoundError):  # another run was quicker
            os.unlink(f"{state}/{name}")


def _let_go(note: str) -> None:
    """Remove a lock of git's that a killed process has left, if it is still that one. Raises OSError."""
    inode, _, path = content_of(note).partition(b"\0")
    directory = open_directory(os.fsdecode(os.path.dirname(path)))
    try:
        name = os.fsdecode(os.path.basename(path))
        if str(os.stat(name, dir_fd=directory, follow_symlinks=False).st_ino).encode() == inode:
            os.unlink(name, dir_fd=directory)
    finally:
        os.close(directory)


def merged(last: Values, theirs: Values, ours: Values, known: frozenset[str]) -> tuple[Values, Values, list[str]]:
    """Return what is set outside, what is set inside, and the keys that stay inside. No value: the key goes.

    last: what both had. theirs: the sandbox's. ours: the user's. known: what there was at the start (`_owner`).
    """
    out: Values = {}
    into: Values = {}
    kept = []
    for key in dict.fromkeys((*theirs, *ours, *last)):
        their, our, old = theirs.get(key, ()), ours.get(key, ()), last.get(key, ())
        if their == our:
            continue
        if our != old:
            into[key] = our  # who is outside has the last word
        elif may_leave(key, their, {**ours, **out}, known):
            out[key] = their
        else:
            kept.append(key)
    return out, into, kept


def may_leave(key: str, values: tuple[str, ...], ours: Values, known: frozenset[str]) -> bool:
    """Tell whether a setting may be made outside. ours: what is set there. known: see `merged`."""
    section, _, rest = key.partition(".")
    name, dot, last = rest.rpartition(".")
    texts = (name, *values)
    if not dot or not name or any(not _is_plain(text) for text in texts):
        return False
    if section == "branch":
        return _is_upstream(key, values, ours, known)
    if f"{section}.{name}" in known:
        return False  # where the user's own remotes lead is the user's
    if section == "remote":
        return _is_remote(name, last, values)
    return section == "submodule" and ((last == "url" and all(map(_is_address, values))) or (last == "active"))


def _is_upstream(key: str, values: tuple[str, ...], ours: Values, known: frozenset[str]) -> bool:
    """Tell whether a branch may track that: a remote that the user has, or any where it tracked nothing."""
    last = key.rpartition(".")[2]
    if last == "merge":
        return all(value.startswith("refs/") for value in values)
    if last == "rebase":
        return all(value in REBASES for value in values)
    if last == "remote":
        new = key not in ours and all(f"remote.{value}.url" in ours for value in values)
        return new or all(value == "." or f"remote.{value}" in known for value in values)
    return False


def _is_remote(name: str, last: str, values: tuple[str, ...]) -> bool:
    if last == "url":
        return all(map(_is_address, values))
    if last == "fetch":
        return all(_fetches_into(value.partition(":")[2], name) for value in values)
    return last == "tagopt" and all(value in TAG_OPTIONS for value in values)


def _fetches_into(place: str, name: str) -> bool:
    return place.startswith((f"refs/remotes/{name}/", "refs/tags/"))


def _is_address(value: str) -> bool:
    """Tell whether git takes it for a place, and not for a program to run (gitremote-helpers(7))."""
    return bool(value) and "::" not in value and "//-" not in value and "\\" not in value


def _is_plain(text: str) -> bool:
    return text in TAG_OPTIONS or (len(text) <= LONGEST and text.isprintable() and not text.startswith("-"))


def _owner(key: str) -> str:
    """Return the part of a key that names whose setting it is: `remote.origin`."""
    return key.rpartition(".")[0]


def _write(path: str, content: bytes) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
    with open(os.open(path, NEW_FILE, 0o600), "wb") as file:
        file.write(content)


def _read(path: str) -> bytes:
    directory = open_directory(os.path.dirname(path))
    try:
        opened = os.open(os.path.basename(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
    finally:
        os.close(directory)
    with open(opened, "rb") as file:
        return read_from(file, MOST_BYTES) if stat.S_ISREG(os.fstat(opened).st_mode) else b""


def _overwrite(path: str, before: bytes, content: bytes, note: str) -> None:
    """Write a config in place, under git's own lock. Raises OSError: somebody else is at work on it.

    At no moment is it anything but the old content or the new one, with empty lines at most. note: where it is written
    down which lock that is.
    """
    directory = open_directory(os.path.dirname(path))
    name = os.path.basename(path)
    try:
        _make_lock(directory, f"{path}.lock", note)
        try:
            opened = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
            try:
                if not stat.S_ISREG(os.fstat(opened).st_mode) or os.pread(opened, MOST_BYTES, 0) != before:
                    raise FileExistsError(path)
                os.pwrite(opened, content.ljust(len(before), b"\n"), 0)
                os.ftruncate(opened, len(content))
            finally:
                os.close(opened)
        finally:
            os.unlink(f"{name}.lock", dir_fd=directory)
            os.unlink(note)
    finally:
        os.close(directory)


def _make_lock(directory: int, path: str, note: str) -> None:
    """Make a lock as git does, and write down before which one it is, where the file system has files without names."""
    name = os.path.basename(path)
    try:
        lock = os.open(".", os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC, 0o600, dir_fd=directory)
    except OSError:
        lock = os.open(name, NEW_FILE, 0o600, dir_fd=directory)
        _write(note, b"%d\0%s" % (os.fstat(lock).st_ino, os.fsencode(path)))
        os.close(lock)
        return
    try:
        _write(note, b"%d\0%s" % (os.fstat(lock).st_ino, os.fsencode(path)))
        os.link(f"/proc/self/fd/{lock}", name, dst_dir_fd=directory, follow_symlinks=True)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(note)
        raise
    finally:
        os.close(lock)
