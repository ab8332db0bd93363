"""Which directories relative patterns count from. Looks at names of directories above the current one; changes nothing.

An agent can make a `.git` or an `.aigate.yaml` wherever it may write, so no root may be lost because another one has
come: they all count, and a new one can only add to what is forbidden. What takes back counts from fewer places.
"""

from __future__ import annotations

import os

from aigate.config import files
from aigate.policy.patterns import ANY_DEPTH, Pattern, literal
from aigate.record import record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MARKERS = (files.PROJECT_NAME, ".git")


@record
class Roots:
    """The directories that relative patterns count from.

    project: the outermost, which is searched. marked: those below it, down to the current one, that hold a marker.
    cwd: the current one, which counts whatever it holds. shared: those outside of the project that the agent and the
    user both write to: what is there runs, or is kept to oneself, as in a project.
    """

    project: str
    marked: tuple[str, ...]
    cwd: str
    shared: tuple[str, ...] = ()


def find_roots(cwd: str, home: str) -> Roots:
    """Return the roots in force in a directory. cwd: its real path.

    The project is the outermost directory, from the current one up, that holds a marker, below the home directory (or
    `/`); the current one if there is none. Not the nearest: an agent could make a `.git` in the subdirectory where it
    will be started next, and so take the files above out of the project.
    """
    marked = []
    directory = cwd
    while directory not in ("/", home):
        if any(os.path.lexists(f"{directory}/{name}") for name in MARKERS):
            marked.append(directory)
        directory = os.path.dirname(directory)
    return Roots(marked[-1], tuple(marked[:-1]), cwd) if marked else Roots(cwd, (), cwd)


def rooted(patterns: Sequence[Pattern], roots: Roots) -> tuple[Pattern, ...]:
    """Return patterns whose relative ones are all written from the project, one for each root that they count from.

    A pattern of a project's file counts from that file's own directory. One of the user's own counts from every root;
    what takes back by its place (`!/public/*.pem`) from the project alone.
    """
    inner = [place for place in (*roots.marked, roots.cwd) if place != roots.project]
    if not inner and not roots.shared:
        return tuple(patterns)
    own = {files.shown(f"{place}/{files.PROJECT_NAME}"): place for place in roots.marked}
    found: list[Pattern] = []
    for pattern in patterns:
        place = own.get(pattern.entry.path)
        if pattern.absolute:
            found.append(pattern)
        elif place is not None:
            found.append(_below(place, roots.project, pattern, pattern.segments))
        else:
            found += [pattern, *_copies(pattern, roots, dict.fromkeys(inner)), *_in_shared(pattern, roots.shared)]
    return tuple(found)


def _in_shared(pattern: Pattern, shared: Iterable[str]) -> list[Pattern]:
    """Return a pattern as it counts from shared directories: as an absolute one."""
    if pattern.negated and pattern.segments[0] != ANY_DEPTH:
        return []
    return [replace(_below(place, "/", pattern, pattern.segments), absolute=True) for place in shared]


def _copies(pattern: Pattern, roots: Roots, inner: Iterable[str]) -> list[Pattern]:
    """Return a pattern as it counts from inner roots.

    What matches at any depth does so in them, too, and is repeated as the name right there, for whoever looks for names
    that may not appear; where no marker is, nothing is kept from appearing.
    """
    if pattern.segments[0] != ANY_DEPTH:
        return [] if pattern.negated else [_below(place, roots.project, pattern, pattern.segments) for place in inner]
    if pattern.entry.text.lstrip("!").startswith(f"{ANY_DEPTH}/"):
        return []
    return [_below(place, roots.project, pattern, pattern.segments[1:]) for place in roots.marked]


def _below(place: str, project: str, pattern: Pattern, segments: tuple[str, ...]) -> Pattern:
    names = [name for name in place[len(project.rstrip("/")) :].split("/") if name]
    return replace(pattern, segments=(*map(literal, names), *segments))
