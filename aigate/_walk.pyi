"""Searches directories for what patterns name, below descriptors and without the interpreter's lock."""

from collections.abc import Iterable, Sequence
from typing import Protocol, final

class _Pattern(Protocol):
    """What a pattern must have; `aigate.policy.patterns.Pattern` does."""

    @property
    def segments(self) -> tuple[str, ...]: ...
    @property
    def absolute(self) -> bool: ...
    @property
    def negated(self) -> bool: ...
    @property
    def directory_only(self) -> bool: ...

@final
class Names:
    """Globs for one path component (fnmatch(3) with FNM_PATHNAME), asked about all at once."""

    def __new__(cls, globs: Iterable[str]) -> Names: ...
    def matched(self, name: str) -> tuple[int, ...]:
        """Return the numbers of the globs that match; equal globs count as the first of them."""

def flaw(glob: str) -> str:
    """Return why a glob can match nothing, as the end of a sentence, or an empty text."""

@final
class Matcher:
    """Path patterns, asked about single paths."""

    def __new__(cls, patterns: Iterable[_Pattern]) -> Matcher: ...
    def deciding(self, absolute: Sequence[str], outside: int, directory: bool) -> int | None:
        """Return the number of the last pattern that matches a path, negated or not, or None.

        absolute: the path's components from `/`. outside: how many of them lead to the project; -1: it is not in it.
        """

@final
class Search:
    """One search of a project and of what absolute patterns name; for one thread at a time."""

    def __new__(cls, hiding: Iterable[_Pattern], protecting: Iterable[_Pattern], project: str) -> Search: ...
    def run(self, seconds: float) -> bool:
        """Go on for so long at most; return whether the search is at its end.

        Raises OSError where there are too few descriptors or too little memory, and what a signal's handler raises.
        """

    @property
    def entries(self) -> int:
        """How many directory entries were seen so far."""

    @property
    def place(self) -> str:
        """The directory where the search is."""

    def hits(self) -> list[tuple[bool, int, str, str | None, bool, bool, tuple[int, int] | None, bool]]:
        """Return what the patterns name, in the order of paths.

        Of each: whether it is protected (else hidden); the number of the pattern, -1 for a `.git` that is no directory;
        the path; the real path if that is another one and known; whether it is, or leads to, a directory; whether it
        was found by more than its name; device and inode number of what the path leads to, None if that is not known;
        whether it is a file with more names than one.
        """

    def sockets(self) -> tuple[str, ...]:
        """Return the sockets in the project."""

    def repositories(self) -> tuple[tuple[str, str], ...]:
        """Return the repositories in the project: a `.git` ("directory", "file") or a directory that is one ("bare")."""

    def links(self) -> tuple[tuple[str, str], ...]:
        """Return the links to directories that lead out of the project, and where to."""

    def failures(self) -> tuple[tuple[str, int], ...]:
        """Return the directories that could not be searched, each with its errno."""

    def directories(self) -> list[str]:
        """Return the directories that were looked into, in no order."""

    def names_of(self, files: Sequence[tuple[int, int]]) -> list[tuple[str, int, bool]]:
        """Return the paths in the project that lead to these files (device and inode number), and to which of them.

        Last of each: whether the path is that of a directory that must hide the file, whose own path is too long.
        """

def files_with_more_names(path: str) -> list[tuple[int, int]]:
    """Return device and inode number of the files with more names than one, below a directory or the path itself."""

def ways_from(directory: str) -> tuple[list[str], list[str]]:
    """Return the names of the links and of the directories in a directory, of one that cannot be read those seen."""
