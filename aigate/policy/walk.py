"""Finding what the patterns name on this machine. Reads directories and inode numbers; never a file's content.

What is found is a real path: a link that matches hides what it leads to, and every other hard link of a hidden file
inside the project is hidden with it. One walk answers for both kinds of patterns, hidden and protected.
"""

from __future__ import annotations

import os
import stat

from aigate.errors import PolicyError
from aigate.policy.model import Hidden, Protected
from aigate.policy.patterns import ANY_DEPTH, Pattern, PatternSet, is_literal
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = 0
DENY_READ = "deny_read: "  # the reason that a pattern gives
LONGEST_PATH = 3000  # bytes; PATH_MAX is 4096, and the launcher puts something in front
Components = tuple[str, ...]
KERNEL_FILE_SYSTEMS = ("/proc", "/sys", "/dev")
NEVER_FOLLOWED = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/nix", "/proc", "/sys", "/dev", "/run")


def components(path: str) -> Components:
    """Split an absolute path: `/a/b` gives ("a", "b")."""
    return tuple(part for part in path.split("/") if part)


@record
class Found:
    """What a search found: hidden paths, sorted, nested ones left out; and existing paths that must not change."""

    hidden: tuple[Hidden, ...]
    protected: tuple[Protected, ...]


def find_paths(hidden: Sequence[Pattern], protected: Sequence[Pattern], project: str) -> Found:
    """Return the existing files and directories that the patterns hide or protect.

    project: real path of the directory that relative patterns cover. Raises PolicyError if it would itself be hidden.
    """
    search = _Search(PatternSet(hidden), PatternSet(protected), project)
    search.project_tree()
    search.absolute_patterns(search.hiding, search.hide)
    search.absolute_patterns(search.protecting, search.protect)
    search.hard_links()
    return search.result()


class _Search:
    """One search. `found` and `kept` map real paths to what hides and to what protects them."""

    def __init__(self, hiding: PatternSet, protecting: PatternSet, project: str) -> None:
        self.hiding = hiding
        self.protecting = protecting
        self.project = project
        self.root = components(project)
        self.found: dict[str, Hidden] = {}
        self.kept: dict[str, Protected] = {}
        self.followed: set[str] = {project}

    def project_tree(self) -> None:
        """Walk the project, not into what is hidden already."""
        hiding, protecting = self.hiding.below(self.root), self.protecting.below(self.root)
        elsewhere = PatternSet([pattern for pattern in self.hiding.patterns if pattern.negated and _has_place(pattern)])
        pending: list[tuple[str, Components]] = [(self.project, ())]
        while pending:
            directory, relative = pending.pop()
            for entry in self._entries(directory):
                path = (*relative, entry.name)
                is_link = entry.is_symlink()
                is_directory = _is_directory(entry)
                absolute = (*self.root, *path)
                pattern = hiding.deciding(absolute, path, is_directory)
                if pattern is not None and not pattern.negated:
                    anchored = _has_place(pattern) or elsewhere.names(entry.name)
                    self.hide(entry.path, is_directory, f"{DENY_READ}{pattern.entry.text}", anchored=anchored)
                    continue
                pattern = protecting.deciding(absolute, path, is_directory)
                if pattern is not None and not pattern.negated:
                    self.protect(entry.path, is_directory, pattern.entry.text)
                elif entry.name == ".git" and not is_directory and self.protecting.patterns:
                    self.protect(entry.path, is_directory, "")  # it names the repository, and so what git runs
                if is_directory and not is_link:
                    if entry.path not in KERNEL_FILE_SYSTEMS:
                        pending.append((entry.path, path))
                elif is_directory:
                    target = self._worth_following(entry.path)
                    if target:
                        pending.append((target, path))

    def _entries(self, directory: str) -> list[os.DirEntry[str]]:
        """List a directory. One that is closed to the caller, or whose path is too long to mount on, is hidden."""
        if len(os.fsencode(directory)) > LONGEST_PATH:
            self.hide(directory, directory=True, reason="it is too deep to be searched")
            return []
        try:
            with os.scandir(directory) as entries:
                found = list(entries)
        except PermissionError:
            self.closed(directory)
            return []
        except (FileNotFoundError, NotADirectoryError):
            return []
        if not _may(directory, os.X_OK) and self.closed(directory):
            return []
        return found

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
                    self.hide(directory, directory=True, reason="it could not be searched")
                    return True
                if not passable:
                    return False
        return False

    def _worth_following(self, link: str) -> str | None:
        """Return where a directory link leads, if that is a place outside of the project not yet walked."""
        target = os.path.realpath(link)
        contains = (*self.root[: len(components(target))],) == components(target)
        if contains or target in self.followed or _inside(target, self.project):
            return None
        if any(_inside(target, place) for place in NEVER_FOLLOWED):
            return None
        self.followed.add(target)
        return target

    def absolute_patterns(self, patterns: PatternSet, act: Callable[[str, bool, str], None]) -> None:
        """Hide or protect what `~/` and absolute patterns name."""
        for pattern in patterns.patterns:
            if not pattern.absolute or pattern.negated:
                continue
            for path in _expand(patterns, "/", pattern.segments, self.closed):
                parts = components(path)
                relative = parts[len(self.root) :] if parts[: len(self.root)] == self.root else None
                is_directory = os.path.isdir(path)
                decided = patterns.deciding(parts, relative or None, is_directory)
                if decided is not None and not decided.negated:
                    act(path, is_directory, f"{DENY_READ}{decided.entry.text}")

    def hide(self, path: str, directory: bool, reason: str, *, anchored: bool = True) -> None:
        """Hide what a path leads to; a dangling link hides nothing.

        anchored: whether the path as a whole was matched, so that it must stay what it is.
        """
        real = os.path.realpath(path)
        if _inside(self.project, real):
            raise PolicyError(
                f"{path} is denied ({reason}), and the project {self.project} lies inside it",
                hint="run in another directory, or take the pattern back with a ! pattern",
            )
        identity = _identity(real)
        if identity is None:
            self.closed(os.path.dirname(real))
            return
        self.found.setdefault(real, Hidden(real, directory, reason, anchored or real != path, identity))

    def protect(self, path: str, directory: bool, reason: str) -> None:  # noqa: ARG002
        """Protect what a path leads to."""
        real = os.path.realpath(path)
        identity = _identity(real)
        if identity is not None and not _inside(self.project, real):
            self.kept.setdefault(real, Protected(real, directory, placeholder=False, identity=identity))

    def hard_links(self) -> None:
        """Hide the other names, inside the project, of hidden files that have more than one."""
        wanted: dict[tuple[int, int], str] = {}
        for hidden in self.found.values():
            for path in _files(hidden):
                try:
                    status = os.lstat(path)
                except OSError:
                    continue
                if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
                    wanted[(status.st_dev, status.st_ino)] = hidden.reason
        if not wanted:
            return
        inodes = {inode for _, inode in wanted}
        for directory, _, _ in os.walk(self.project):
            for entry in _listed(directory):
                if entry.inode() in inodes and not entry.is_symlink():
                    status = entry.stat(follow_symlinks=False)
                    reason = wanted.get((status.st_dev, status.st_ino))
                    if reason is not None:
                        self.hide(entry.path, directory=False, reason=reason)

    def result(self) -> Found:
        """Return what was found, without what lies inside a hidden directory."""
        hidden: list[Hidden] = []
        for path in sorted(self.found, key=components):
            if not (hidden and hidden[-1].directory and _inside(path, hidden[-1].path)):
                hidden.append(self.found[path])
        return Found(tuple(hidden), tuple(self.kept[path] for path in sorted(self.kept, key=components)))


def _has_place(pattern: Pattern) -> bool:
    """Tell whether a pattern matches by more than a name, so that moving a directory decides what it matches."""
    return pattern.segments[:-1] != (ANY_DEPTH,)


def _expand(patterns: PatternSet, base: str, segments: Components, closed: Callable[[str], object]) -> Iterator[str]:
    """Yield the existing paths that segments stand for, below `base`. closed: told where something is in the way."""
    base, segments = _past_literals(base, segments)
    if not segments:
        return
    head, rest = segments[0], segments[1:]
    if head == ANY_DEPTH:
        yield from _expand_any_depth(patterns, base, rest, closed)
        return
    names = [head] if is_literal(head) else _names(base, patterns.matcher(head), closed)
    for name in names:
        path = os.path.join(base, name)
        try:
            os.lstat(path)
        except PermissionError:
            closed(base)
            continue
        except OSError:
            continue
        if rest:
            yield from _expand(patterns, path, rest, closed)
        else:
            yield path


def _past_literals(base: str, segments: Components) -> tuple[str, Components]:
    """Walk past leading segments that are plain names, but for the last; nothing is left where they lead nowhere.

    One look at the end of them instead of one at each; only where something is in the way does it matter what.
    """
    count = 0
    while count < len(segments) - 1 and segments[count] != ANY_DEPTH and is_literal(segments[count]):
        count += 1
    if count == 0:
        return base, segments
    path = os.path.join(base, *segments[:count])
    try:
        os.lstat(path)
    except PermissionError:
        return base, segments
    except OSError:
        return base, ()
    return path, segments[count:]


def _expand_any_depth(
    patterns: PatternSet, base: str, rest: Components, closed: Callable[[str], object]
) -> Iterator[str]:
    def failed(error: OSError) -> None:
        if isinstance(error, PermissionError):
            closed(error.filename)

    for directory, subdirectories, files in os.walk(base, onerror=failed):
        if rest:
            yield from _expand(patterns, directory, rest, closed)
        else:
            yield from (os.path.join(directory, name) for name in (*subdirectories, *files))
            return


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


def _inside(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _listed(directory: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except OSError:
        return []


def _names(directory: str, matches: Callable[[str], bool], closed: Callable[[str], object]) -> list[str]:
    try:
        return [name for name in os.listdir(directory) if matches(name)]
    except PermissionError:
        closed(directory)
        return []
    except OSError:
        return []


def _files(hidden: Hidden) -> Iterator[str]:
    if not hidden.directory:
        yield hidden.path
        return
    for directory, _, names in os.walk(hidden.path):
        yield from (os.path.join(directory, name) for name in names)
