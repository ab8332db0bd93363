"""What the patterns name on this machine, and what else of the project must be known before a run.

The search itself is native (aigate/native/walk): directory entries and inode numbers, never a file's content. What is
found is a real path: a link that matches hides what it leads to, and every other hard link of a hidden file inside the
project is hidden with it. This module decides what closed directories and links come to, and changes nothing.
"""

from __future__ import annotations

import errno
import os
import stat

from aigate._walk import Search, files_with_more_names
from aigate.errors import PolicyError
from aigate.policy.model import Hidden, Protected
from aigate.policy.places import within
from aigate.record import record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aigate.config.model import Entry
    from aigate.policy.patterns import Pattern

    Tell = Callable[[str, int], object]

ROOT = 0
DENY_READ = "deny_read: "  # the reason that a pattern gives
UNSEARCHED = "it could not be searched"
LONGEST_PATH = 3000  # bytes; as aigate/native/walk/walker.h has it
PATIENCE = 1.0  # seconds between words about a search that takes long
Components = tuple[str, ...]


def components(path: str) -> Components:
    """Split an absolute path: `/a/b` gives ("a", "b")."""
    return tuple(part for part in path.split("/") if part)


@record
class Repository:
    """A git repository in the project. path: of its `.git`, or of the directory that is one ("bare").

    kind: "directory", "file" (or a link) or "bare"; what lies below `.git` and looks like one is "bare", too.
    """

    path: str
    kind: str


@record
class Link:
    """A link in the project that leads to a directory outside of it. target: that directory's real path."""

    path: str
    target: str


@record
class Unsearched:
    """A directory that could not be searched, and why. It is hidden, unless it is closed by somebody else."""

    path: str
    reason: str


class Directories:
    """The directories in which something could come to match, or in which something was found; made on demand."""

    def __init__(self, search: Search) -> None:
        self._search = search

    def __iter__(self) -> Iterator[str]:
        return iter(self._search.directories())


@record
class Found:
    """What a search found.

    hidden: sorted, nested ones left out. protected: existing paths that must not change. sockets: of the project.
    watched: where something could come to match. ways: paths through links, by which something was found or is meant.
    """

    hidden: tuple[Hidden, ...]
    protected: tuple[Protected, ...]
    sockets: tuple[str, ...]
    repositories: tuple[Repository, ...]
    links: tuple[Link, ...]
    unsearched: tuple[Unsearched, ...]
    watched: Directories
    ways: tuple[str, ...]


def find_paths(
    hidden: Sequence[Pattern], protected: Sequence[Pattern], project: str, tell: Tell | None = None
) -> Found:
    """Return the existing files and directories that the patterns hide or protect.

    project: real path of the directory that relative patterns cover. tell: called every second, if it takes that long,
    with the directory that is searched and the number of files seen. Raises PolicyError if the project would itself be
    hidden.
    """
    search = Search(hidden, protected, project)
    _finish(search, tell)
    found = _Findings(project)
    for is_protected, number, path, real, directory, anchored, identity, more_names in search.hits():
        place = _Place(path, real or path, directory, identity)
        if is_protected:
            found.protect(place, protected[number].entry)
            continue
        found.hide(place, hidden[number].entry, anchored=anchored)
        if identity is not None and not directory and not more_names:
            found.single.add(place.real)
    failures = search.failures()
    for path, error in failures:
        if not found.closed(path) and error not in (errno.EACCES, errno.EPERM):
            found.unreadable(path, os.strerror(error))
    _hide_hard_links(search, found)
    return Found(
        found.outermost(),
        tuple(found.protected[path] for path in sorted(found.protected, key=components)),
        search.sockets(),
        tuple(Repository(*item) for item in search.repositories()),
        tuple(Link(*item) for item in search.links()),
        tuple(Unsearched(path, os.strerror(error)) for path, error in failures),
        Directories(search),
        found.ways(search),
    )


def find_sockets_in(directories: Sequence[str], tell: Tell | None = None) -> tuple[str, ...]:
    """Return the sockets below directories, by whatever names they were bound. tell: as for `find_paths`."""
    found: dict[str, None] = {}
    for directory in directories:
        if not any(within(directory, other) for other in directories if other != directory):
            search = Search((), (), directory)
            _finish(search, tell)
            found.update(dict.fromkeys(search.sockets()))
    return tuple(found)


def _finish(search: Search, tell: Tell | None) -> None:
    try:
        while not search.run(PATIENCE):
            if tell is not None:
                tell(search.place, search.entries)
    except OSError as error:
        raise PolicyError(
            f"{error.filename} cannot be searched: {error.strerror}", hint="ulimit -n raises what may be open at once"
        ) from None


def _hide_hard_links(search: Search, found: _Findings) -> None:
    """Hide the other names, inside the project, of hidden files that have more than one."""
    items = [item for item in found.hidden.values() if item.path not in found.single]
    wanted = {identity: item for item in items for identity in files_with_more_names(item.path)}
    if not wanted:
        return
    identities = list(wanted)
    for path, number, covered in search.names_of(identities):
        identity = identities[number]
        place = _Place(path, path, directory=covered, identity=None if covered else identity)
        item = wanted[identity]
        found.hide(place, item.entry or item.reason, anchored=False)  # it is found again wherever it is moved


@record
class _Place:
    """Something that was found. real: its real path, "" for a link in a circle; identity: of what is there, or None."""

    path: str
    real: str
    directory: bool
    identity: tuple[int, int] | None

    def resolved(self) -> _Place:
        if self.identity is not None:
            return self
        real = os.path.realpath(self.path)
        if os.path.islink(real):  # it leads back to itself
            return replace(self, real="", identity=None)
        return replace(self, real=real, identity=_identity(real))


class _Findings:
    """What was found so far, by real path. single: hidden files that have no other name."""

    def __init__(self, project: str) -> None:
        self.project = project
        self.hidden: dict[str, Hidden] = {}
        self.protected: dict[str, Protected] = {}
        self.single: set[str] = set()
        self._through_links: dict[str, None] = {}

    def ways(self, search: Search) -> tuple[str, ...]:
        """Return the paths through links: those that matched, and links to directories in which something was found."""
        places = [*self.hidden, *self.protected]
        leading = [path for path, target in search.links() if any(within(place, target) for place in places)]
        return (*self._through_links, *leading)

    def hide(self, place: _Place, why: Entry | str, *, anchored: bool) -> None:
        """Hide what a path leads to; a dangling link hides nothing.

        why: an entry of the config, or the reason for which aigate does so by itself.
        anchored: whether the path as a whole was matched, so that it must stay what it is.
        """
        entry, reason = (None, why) if isinstance(why, str) else (why, f"{DENY_READ}{why.text}")
        place = place.resolved()
        real = place.real
        if real != place.path:
            self._through_links[place.path] = None
        if not real:
            return
        if within(self.project, real):
            raise PolicyError(
                f"{place.path} is denied ({reason}), and the project {self.project} lies inside it",
                hint="run in another directory, or take the pattern back with a ! pattern",
            )
        if place.identity is None:
            self.closed(os.path.dirname(real))
            return
        anchored = anchored or real != place.path
        known = self.hidden.get(real)
        if known is None:
            self.hidden[real] = Hidden(real, place.directory, reason, anchored, place.identity, entry=entry)
        elif anchored and not known.anchored:
            self.hidden[real] = replace(known, anchored=True)

    def protect(self, place: _Place, entry: Entry) -> None:
        """Protect what a path leads to, by an entry of the config."""
        place = place.resolved()
        real, identity = place.real, place.identity
        if real != place.path:
            self._through_links[place.path] = None
        if identity is not None and not within(self.project, real) and real not in self.protected:
            self.protected[real] = Protected(real, place.directory, placeholder=False, identity=identity, entry=entry)

    def closed(self, path: str) -> bool:
        """Hide the directory, on the way to `path` or itself, that its owner, the caller, has closed to himself.

        What is in it cannot be looked for now, and the agent could open it again. Where root looks with somebody's
        rights, the agent is yet another user, who may own any directory. Tell whether there is one.
        """
        directory, end = "/", os.path.realpath(path)
        for name in components(end):
            directory = os.path.join(directory, name)
            try:
                status = os.lstat(directory)
            except OSError:
                return False
            if stat.S_ISDIR(status.st_mode) and not _may(directory, os.R_OK | os.X_OK):
                passable = _may(directory, os.X_OK)
                if status.st_uid == os.getuid() or (os.getuid() == ROOT and (directory == end or not passable)):
                    self._cover(directory, status, UNSEARCHED)
                    return True
                if not passable:
                    return False
            if len(os.fsencode(directory)) > LONGEST_PATH:  # nothing can be mounted further down
                self._cover(directory, status, UNSEARCHED)
                return True
        return False

    def unreadable(self, path: str, why: str) -> None:
        """Hide a directory that could not be read, though nothing closes it, if there is one."""
        try:
            status = os.lstat(path)
        except OSError:
            return
        if stat.S_ISDIR(status.st_mode):
            self._cover(path, status, f"{UNSEARCHED}: {why}")

    def _cover(self, directory: str, status: os.stat_result, reason: str) -> None:
        place = _Place(directory, directory, directory=True, identity=(status.st_dev, status.st_ino))
        self.hide(place, reason, anchored=True)

    def outermost(self) -> tuple[Hidden, ...]:
        """Return what is hidden, without what lies inside a hidden directory."""
        kept: list[Hidden] = []
        for path in sorted(self.hidden, key=components):
            if not (kept and kept[-1].directory and within(path, kept[-1].path)):
                kept.append(self.hidden[path])
        return tuple(kept)


def _may(path: str, mode: int) -> bool:
    """Tell what access(2) tells, for the identity that files are opened with: root may look with somebody's rights."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _identity(path: str) -> tuple[int, int] | None:
    """Return device and inode number of what is there, or None if nothing is or it cannot be seen."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
