"""What of a layer a later agent, or the user's own programs in it, would execute or obey, and what the user agreed to.

Those are the places in the home that `deny_write` names, and the directories of PATH there. Each file is agreed to for
exactly its present content, as a project's file is (`config/trust.py`). Reads the layer, gives its owner back
what is closed there, and changes only `accepted`.
"""

from __future__ import annotations

import os
import stat

from aigate.config.cache import digest
from aigate.layers.changes import is_removal
from aigate.layers.inner import Tree, opened
from aigate.policy.patterns import ANY_DEPTH, PatternSet, is_literal, segment_matcher
from aigate.reading import content_of, read_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aigate.policy.patterns import Pattern

ACCEPTED = "accepted"
LARGEST = 1 << 26  # bytes of a file that are looked at; a larger one is told by its size and time
MOST = 10_000  # files that are agreed to one by one; a directory that holds more is agreed to as a whole
DEEPEST = 64  # directories; what is nested deeper is agreed to by nobody


class Guarded:
    """What of a layer is not brought out unasked, with a directory that holds it. Called with a path of a file.

    layer: its directory. upper: where its changes lie. below: the directory that they are changes of. project: the
    directory that relative patterns count from. patterns: what must not be changed.
    """

    def __init__(self, layer: str, upper: str, below: str, project: str, patterns: Sequence[Pattern]) -> None:
        self._matching, self._known = PatternSet(patterns), accepted(layer)
        self._upper, self._below = upper, tuple(filter(None, below.split("/")))
        self._project = tuple(filter(None, project.split("/")))

    def __call__(self, path: str) -> bool:
        """Tell whether a program outside would run or obey a file, and nobody has agreed to that. path: relative."""
        parts = (*self._below, *path.split("/"))
        for count in range(len(parts), len(self._below), -1):
            found = self._deciding(parts[:count], directory=count < len(parts))
            if found is not None:
                return not found.negated and line_for(self._upper, path) not in self._known
        return False

    def _deciding(self, parts: tuple[str, ...], *, directory: bool) -> Pattern | None:
        within = parts[: len(self._project)] == self._project
        return self._matching.deciding(parts, parts[len(self._project) :] if within else None, directory)


def obeyed(upper: str, below: str, patterns: Sequence[Pattern], directories: Iterable[str]) -> list[str]:
    """Return what an upper directory holds of what would be obeyed: paths relative to it, sorted.

    below: the directory that it lies above. patterns: what must not be changed. directories: those of PATH.
    """
    matching, tree = PatternSet(patterns), Tree(upper)
    found: dict[str, None] = {}
    places = [_below(each.segments, below) for each in patterns if each.absolute and not each.negated]
    for segments in filter(None, places):
        for path in _expand(tree, "", segments):
            found.update(dict.fromkeys(_files(tree, path)))
    within = [each.rstrip("/").removeprefix(f"{below}/") for each in directories if each.startswith(f"{below}/")]
    for path in (*within, *_linked(below, places, within)):
        found.update(dict.fromkeys(_files(tree, tree.reached(path))))
    taken_back = [pattern for pattern in patterns if pattern.negated and pattern.absolute]
    free = {path for path in found if taken_back and _is_free(f"{below}/{path}", matching)}
    return sorted(path for path in found if path not in free and not _above(path) & found.keys())


def unknown(directory: str, upper: str, below: str, patterns: Sequence[Pattern], path: str) -> list[str]:
    """Return what would be obeyed and was not agreed to. directory: the layer's. path: the variable PATH."""
    known = accepted(directory)
    found = obeyed(upper, below, patterns, path.split(":"))
    return [name for name in found if line_for(upper, name) not in known]


def accepted(directory: str) -> set[str]:
    """Return what was agreed to: lines of `accepted`. directory: the layer's."""
    try:
        return set(os.fsdecode(content_of(f"{directory}/{ACCEPTED}")).split("\n")) - {""}
    except FileNotFoundError:
        return set()


def accept(directory: str, lines: Iterable[str]) -> None:
    """Agree to more. lines: as `line_for` gives them."""
    text = "".join(f"{line}\n" for line in sorted({*accepted(directory), *lines}))
    path = f"{directory}/{ACCEPTED}"
    with open(os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
        file.write(os.fsencode(text))
    os.rename(f"{path}.new", path)


def line_for(upper: str, path: str) -> str:
    """Return what tells this file with its present content from any other, as a line; "" for what cannot be told."""
    above, name = os.path.split(path)
    try:
        directory = opened(upper, above)
    except OSError:
        return ""
    try:
        status = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            content = _link(upper, path, os.readlink(name, dir_fd=directory))
        else:
            content = _tree(upper, path) if stat.S_ISDIR(status.st_mode) else _content(directory, name, status)
    except OSError:
        return ""  # closed by the agent: nobody knows to what one would agree
    finally:
        os.close(directory)
    what = f"{stat.S_IFMT(status.st_mode):o} {status.st_mode & 0o111:o} ".encode()
    return f"{digest(what + content)} {path.encode('unicode_escape', 'surrogateescape').decode()}" if content else ""


def _content(directory: int, name: str, status: os.stat_result) -> bytes:
    if stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST:
        opener = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
        with open(opener, "rb") as file:
            return b"holds " + read_from(file, LARGEST + 1)
    return f"{status.st_mode} {status.st_size} {status.st_mtime_ns}".encode()


def _link(upper: str, path: str, target: str) -> bytes:
    from aigate.layers.led import Led

    mark = Led(upper).mark(path)
    return b"to " + os.fsencode(target) + b"\0" + mark if mark else b""


def _tree(upper: str, path: str) -> bytes:
    """Return what tells a directory, with all that is in it, from any other: by times that nobody can turn back."""
    seen = []
    for each, status in Tree(upper).all(path):
        if _depth(each, path) > DEEPEST:
            return b""
        seen.append(f"{each!r} {status.st_mode} {status.st_size} {status.st_ino} {status.st_ctime_ns}")
    return "\n".join(["all", *sorted(seen)]).encode("ascii", "backslashreplace")


def _above(path: str) -> set[str]:
    """Return the directories that a path lies in."""
    parts = path.split("/")
    return {"/".join(parts[:count]) for count in range(1, len(parts))}


def _depth(path: str, top: str) -> int:
    return path.count("/") - top.count("/")


def _below(segments: tuple[str, ...], below: str) -> tuple[str, ...]:
    """Return the segments below a directory, () where a pattern is about something else."""
    parts = tuple(part for part in below.split("/") if part)
    return segments[len(parts) :] if segments[: len(parts)] == parts else ()


class _Own:
    """The user's own files, as far as patterns are looked for there: links to directories are followed."""

    def __init__(self, top: str) -> None:
        self._top = top
        self._known: dict[str, list[str]] = {}

    def names(self, path: str) -> list[str]:
        if path not in self._known:
            try:
                self._known[path] = os.listdir(f"{self._top}/{path}")
            except OSError:
                self._known[path] = []
        return self._known[path]

    def status(self, path: str) -> os.stat_result | None:
        try:
            return os.stat(f"{self._top}/{path}")
        except OSError:
            return None


def _linked(below: str, places: Iterable[tuple[str, ...]], directories: Iterable[str]) -> list[str]:
    """Return what the user's own links lead to, where start files are kept elsewhere: paths relative to below.

    places: patterns' segments below it. directories: those of PATH, likewise.
    """
    own, found = _Own(below), dict.fromkeys(directories)
    for segments in filter(None, places):
        found.update(dict.fromkeys(_expand(own, "", segments)))
    targets: dict[str, None] = {}
    for path in found:
        place = f"{below}/{path}"
        for each in (place, *(f"{place}/{name}" for name in _links(place))):
            real = os.path.realpath(each)
            if real != each and real.startswith(f"{below}/"):
                targets[real.removeprefix(f"{below}/")] = None
    return list(targets)


def _expand(tree: Tree | _Own, base: str, segments: tuple[str, ...]) -> Iterator[str]:
    """Yield the paths that segments stand for, and what is no directory on the way there."""
    head, *rest = segments
    if head == ANY_DEPTH:
        yield base  # whatever is below
        return
    for name in [head] if is_literal(head) else [name for name in tree.names(base) if segment_matcher(head)(name)]:
        path = os.path.join(base, name)
        status = tree.status(path)
        if status is None:
            continue
        if not rest or is_removal(status) or stat.S_ISLNK(status.st_mode):
            yield path  # a link where a directory may have been leads somewhere else
        elif stat.S_ISDIR(status.st_mode):
            yield from _expand(tree, path, tuple(rest))


def _files(tree: Tree, path: str) -> list[str]:
    """Return what is at a path, and of a directory everything in it; what was removed is nothing to obey.

    A directory that holds very much, or is nested very deep, is one thing.
    """
    status = tree.status(path) if path else None
    if status is None or is_removal(status):
        return []
    if not stat.S_ISDIR(status.st_mode):
        return [path]
    found: list[str] = []
    for each, inner in tree.all(path):
        if len(found) >= MOST or _depth(each, path) > DEEPEST:
            return [path]
        if not stat.S_ISDIR(inner.st_mode) and not is_removal(inner):
            found.append(each)
    return found


def _links(directory: str) -> list[str]:
    try:
        with os.scandir(directory) as entries:
            return [entry.name for entry in entries if entry.is_symlink()]
    except OSError:
        return []


def _is_free(path: str, matching: PatternSet) -> bool:
    decided = matching.deciding(tuple(part for part in path.split("/") if part), None, False)
    return decided is not None and decided.negated
