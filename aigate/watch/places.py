"""What a path means to a run that is going on: what stands over it, what may not appear there. Pure.

Absolute patterns reach into the home and elsewhere, along a few directories; the project is watched as a whole.
"""

from __future__ import annotations

import os

from aigate._walk import Names
from aigate.policy.home import bare
from aigate.policy.patterns import ANY_DEPTH, PatternSet, segment_matcher
from aigate.policy.protect import is_obeyed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aigate.config.model import Entry
    from aigate.policy.model import Policy

LATE, UNWANTED = "late", "unwanted"
GIT = ".git"  # as a file or a link, it leads git elsewhere
HEAD = "HEAD"  # what makes a directory a repository of git's
ANY_TOOL = ".*"  # a directory of any tool's: a link there may be a virtual environment
MOST_NAMES = 1 << 14  # remembered, of files that came into being
_matchers: dict[str, Callable[[str], bool]] = {}  # by components of patterns
DEEPEST = 3  # directories below one in which sockets answer; a home holds as many as all projects together


class Places:
    """The places of one policy. covered: paths that something stands over since the start."""

    def __init__(self, policy: Policy, covered: Iterable[str]) -> None:
        self.project = policy.project
        self.covered = frozenset(covered)
        self.hidden = frozenset(item.path for item in policy.hidden)
        self.steady = frozenset(item.path for item in policy.hidden if not item.fleeting)
        self.closed = frozenset(item.path for item in policy.hidden if item.directory)
        self.protected = frozenset(item.path for item in policy.protected if not item.placeholder)
        self._unwanted: dict[str, Entry | None] = {
            item.path: item.entry for item in policy.protected if item.placeholder
        }
        self._writable = policy.writable
        self._layered = tuple(item.path for item in policy.view.layered)
        self._bare: tuple[str, ...] = ()
        self._sockets_in = tuple(place for place in bare(policy.view, policy.home) if not self.in_project(place))
        self._hiding = PatternSet(policy.deny_read)
        self._protecting = PatternSet(policy.deny_write)
        self._root = split(policy.project)
        self._names = {path.rpartition("/")[2] for path in self.covered}
        self._unwanted_names = {path.rpartition("/")[2] for path in self._unwanted}
        self._judged: dict[str, bool] = {}
        patterns = [p for p in (*policy.deny_read, *policy.deny_write) if not p.negated]
        last = {pattern.segments[-1] for pattern in patterns}
        self._last = None if ANY_DEPTH in last else Names(sorted(last))
        self._through = [
            p for p in policy.deny_write if not p.negated and GIT not in p.segments and _is_long(p.segments)
        ]
        self._leading = Names(sorted({segment for p in self._through for segment in p.segments[:-1]} - {ANY_DEPTH}))
        self._reaching = {pattern.segments for pattern in patterns if pattern.absolute}

    def widen(self) -> list[tuple[str, bool]]:
        """Let directories matter, too, in which only a socket would, and return where they begin: see `Watcher`."""
        self._bare = self._sockets_in
        return [(place, False) for place in self._bare]

    def gone(self) -> set[str]:
        """Return the covered paths at which nothing is any more. For who works in the host's root."""
        return {path for path in self.covered if not os.path.lexists(path[1:])}

    def is_cover(self, name: str) -> bool:
        """Tell whether something stands over a place with this last component."""
        return name in self._names

    def matters(self, name: str) -> bool:
        """Tell whether a path with this last component can mean anything, wherever it lies."""
        answer = self._judged.get(name)
        if answer is None:
            if len(self._judged) >= MOST_NAMES:
                self._judged.clear()
            answer = self.is_cover(name) or name in (HEAD, GIT) or name in self._unwanted_names
            answer = answer or self._last is None or bool(self._last.matched(name) or self._leading.matched(name))
            self._judged[name] = answer
        return answer

    def judge(self, path: str, *, directory: bool) -> tuple[str, str]:
        """Return what patterns say to a path that was not there at the start, and the pattern; ("", "") for nothing."""
        verdict, why, _ = self.ruling(path, directory=directory)
        return verdict, why

    def ruling(self, path: str, *, directory: bool) -> tuple[str, str, Entry | None]:
        """Return the same with the entry of the config that it comes from, if it does."""
        verdict, why, entry = ("", "", None) if self._is_gits_own(path) else self._judge(path, directory=directory)
        if not verdict and not directory and self._leading.matched(os.path.basename(path)):
            verdict, why, entry = self._judge_link(path)
        if not verdict and path in self._unwanted:
            return UNWANTED, "it decides what runs outside, and was not there", self._unwanted[path]
        return verdict, why, entry

    def _judge(self, path: str, *, directory: bool) -> tuple[str, str, Entry | None]:
        parts = split(path)
        here = parts[: len(self._root)] == self._root
        relative = parts[len(self._root) :] if here else None
        hiding = self._hiding.deciding(parts, relative or None, directory)
        hidden = hiding is not None and not hiding.negated
        if hiding is not None and hidden and is_obeyed(hiding) and not here and self.writable(path):
            return UNWANTED, f"deny_read: {hiding.entry.text}", hiding.entry
        pattern = self._protecting.deciding(parts, relative or None, directory)
        if pattern is not None and not pattern.negated and self.writable(path):
            return UNWANTED, f"deny_write: {pattern.entry.text}", pattern.entry
        return (
            (LATE, f"deny_read: {hiding.entry.text}", hiding.entry) if hiding is not None and hidden else ("", "", None)
        )

    def _judge_link(self, path: str) -> tuple[str, str, Entry | None]:
        """Return what patterns say of a link to a directory: it stands for all that they name there.

        In the place of what was covered at the start, which nobody inside can take away, it is a program's outside, and
        is followed (see `Leads`). For who works in the host's root.
        """
        if any(each == path or inside(each, path) for each in self.protected):
            return "", "", None
        if os.path.islink(path[1:]) and os.path.isdir(path[1:]) and self.writable(path) and "/.git/" not in path:
            parts = split(path)
            relative = parts[len(self._root) :] if self.in_project(path) else ()
            for pattern in self._through:
                place = parts if pattern.absolute else relative
                if _leads(pattern.segments, place) and (
                    ANY_TOOL not in pattern.segments[: len(place)] or _holds(path[1:], pattern.segments[len(place)])
                ):
                    return UNWANTED, f"deny_write: {pattern.entry.text}", pattern.entry
        return "", "", None

    def _is_gits_own(self, path: str) -> bool:
        """Tell whether git may make a file there: in a repository that is new, or as a lock, which is no setting.

        What a new repository comes to is looked at when the run has ended.
        """
        if "/.git/" not in path:
            return False
        directory = os.path.dirname(path)
        return path.endswith(".lock") or not any(os.path.dirname(each) == directory for each in self.protected)

    def hidden_links(self, links: Iterable[str]) -> list[str]:
        """Return the links of these whose names say that what they lead to is hidden."""
        return [path for path in links if self._judge(path, directory=False)[0] == LATE]

    def guards(self, path: str) -> bool:
        """Tell whether something is to be made read-only that a read-only place leads to.

        What is not there may not appear from then on. For who works in the host's root.
        """
        if not self.writable(path) or path in self._unwanted:
            return False
        if not os.path.lexists(path[1:]):
            self._unwanted[path] = None
            self._unwanted_names.add(os.path.basename(path))
            self._judged.clear()
            return False
        return True

    @property
    def missing(self) -> frozenset[str]:
        """The paths that were not there at the start and may not appear."""
        return frozenset(self._unwanted)

    def is_pin(self, path: str) -> bool:
        """Tell whether what stands there only keeps a directory from being renamed."""
        return path in self.covered and path not in self.hidden and path not in self.protected and self.writable(path)

    def pins_above(self, path: str) -> list[str]:
        """Return what only keeps a directory above a path from being renamed."""
        return sorted(place for place in self.covered if inside(path, place) and self.is_pin(place))

    def writable(self, path: str) -> bool:
        """Tell whether the sandbox can write there, as far as directories go."""
        return any(inside(path, place) for place in self._writable)

    def shows(self, path: str) -> bool:
        """Tell whether the host's own file is seen there: what lies in a layer is another one."""
        above = [place for place in (*self._layered, *self._writable) if inside(path, place)]
        return not above or max(above, key=len) not in self._layered

    def in_project(self, path: str) -> bool:
        """Tell whether a directory is the project or lies in it."""
        return path == self.project or inside(path, self.project)

    def reaches(self, directory: str) -> bool:
        """Tell whether an absolute pattern names something below a directory outside of the project."""
        parts = split(directory)
        return any(_reach(segments, parts) for segments in self._reaching)

    def enters(self, directory: str) -> bool:
        """Tell whether what is in a directory matters: not where nothing of it can be seen or changed from inside."""
        if directory in self.closed or directory in self.protected or _is_gits_store(directory):
            return False
        if self.in_project(directory) or any(inside(path, directory) for path in self._unwanted):
            return True
        return self.reaches(directory) or self._may_hold_sockets(directory)

    def _may_hold_sockets(self, directory: str) -> bool:
        """Tell whether sockets of the user's would answer in a directory, not too far below what is seen as it is."""
        depth = directory.rstrip("/").count("/")
        holders = (place for place in self._bare if directory == place or inside(directory, place))
        return any(depth - place.rstrip("/").count("/") <= DEEPEST for place in holders)


def _is_long(segments: tuple[str, ...]) -> bool:
    return len(segments) - (segments[0] == ANY_DEPTH) > 1


def _leads(segments: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Tell whether a pattern names something below a directory because of that one's own name, not by `**` alone."""
    if segments[0] != ANY_DEPTH:
        count = len(parts)
        return ANY_DEPTH not in segments[:count] and 0 < count < len(segments) and _same(segments, parts)
    own = segments[1:]
    return any(_same(own[:count], parts[-count:]) for count in range(1, len(own)) if ANY_DEPTH not in own[:count])


def _holds(directory: str, segment: str) -> bool:
    """Tell whether something in a directory matches. For who works in the host's root."""
    try:
        return any(map(_matcher(segment), os.listdir(directory)))
    except OSError:
        return False


def _same(segments: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    return all(_matcher(segment)(part) for segment, part in zip(segments, parts, strict=False))


def _reach(segments: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Tell whether a pattern names something below a directory. Most are decided by their first component."""
    for segment, part in zip(segments, parts, strict=False):
        if segment == ANY_DEPTH:
            return True
        if not _matcher(segment)(part):
            return False
    return len(segments) > len(parts)


def _matcher(segment: str) -> Callable[[str], bool]:
    """Return a test for one component, made once."""
    found = _matchers.get(segment)
    if found is None:
        found = _matchers[segment] = segment_matcher(segment)
    return found


def _is_gits_store(directory: str) -> bool:
    """Tell whether git keeps nothing there that it would run or be led by."""
    above, _, name = directory.rpartition("/")
    return name in ("objects", "logs", "refs", "lfs") and f"{above}/".find("/.git/") >= 0


def split(path: str) -> tuple[str, ...]:
    """Return the components of an absolute path."""
    return tuple(part for part in path.split("/") if part)


def inside(path: str, directory: str) -> bool:
    """Tell whether a path lies below a directory."""
    return path != directory and path.startswith(directory.rstrip("/") + "/")
