"""Repositories that somebody outside makes while a run lasts: their settings may not be changed, as of those before.

Git inside makes some, too, and must be able to set them up and to remove them; they are looked at when the run has
ended. Whose one is tells whether a program that makes repositories, or copies them, is running outside just then: an
agent can neither start one there nor hide one. What everybody may know of a process is enough for that, proc(5). Where
it has ended before anybody could look, the repository counts as one of the agent's.
Paths are taken from the working directory, the host's root.
"""

from __future__ import annotations

import os
import stat
import time

from aigate import _linux
from aigate.reading import read_from
from aigate.suppress import suppress
from aigate.watch.places import GIT, HEAD, UNWANTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aigate.watch.model import Covers
    from aigate.watch.places import Places

HOOKS = "hooks"  # gitrepository-layout(5)
LEADING = ("commondir", "config.worktree")  # which a repository has not; a worktree's directory comes with them
NAMES = ("config", HOOKS, *LEADING)
GUARDED = "guarded"
COPYING = frozenset((b"cp", b"mv", b"rsync", b"tar", b"bsdtar", b"unzip", b"7z", b"sftp-server"))
MAKING = frozenset((b"init", b"clone", b"worktree", b"submodule", b"subtree"))  # git's words
PART = 4  # so much more time passes before processes are looked through again than it took
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
GIT_FILE_BYTES = 4096
MOST_BYTES = 1 << 13  # of what is read of a process


class Made:
    """The repositories of one run that are made while it lasts.

    look_up: watches a directory and those above it. note: told what was made read-only. say: to the clerk.
    """

    def __init__(
        self,
        places: Places,
        covers: Covers,
        look_up: Callable[[str], object],
        note: Callable[..., object],
        say: Callable[..., object],
    ) -> None:
        self._places, self._covers, self._look_up, self._note, self._say = places, covers, look_up, note, say
        self._known: set[str] = set()  # git's directories
        self._not_before = 0.0

    def came(self, path: str, *, directory: bool) -> str:
        """Look whether something new is a repository's.

        Return `GUARDED` if it is read-only now, `UNWANTED` if it may not stay, "" for all that means something else.
        """
        above, _, name = path.rpartition("/")
        if name == HEAD or (name == GIT and not directory):
            self._say("repository", path if name == GIT else above)
        found = _named(path, directory=directory) if name == GIT else above if name in (HEAD, *NAMES) else ""
        if found and self._was_there(path, found):
            return ""
        if found and found not in self._known and self._places.writable(found) and self._is_made_outside(path, found):
            self._known.add(found)
        if found not in self._known and path not in self._known:
            return ""
        is_late = name in (*LEADING, HOOKS) and not self._covers.stands(path) and not any(makers(_called(above)))
        if is_late and name in LEADING:
            return UNWANTED
        if is_late:  # whose these are cannot be told any more
            self._say("mixed", above)
        self._guard(found if found in self._known else path)
        return GUARDED if name in NAMES else ""

    def _was_there(self, path: str, directory: str) -> bool:
        """Tell whether it is about a repository of before the run, whatever is made of the same name elsewhere."""
        return path in self._places.missing or f"{directory}/config" in self._places.protected

    def went(self, path: str) -> None:
        """Forget what has been removed or moved away: a program outside did it, and who comes next may be another."""
        self._known -= {found for found in self._known if f"{found}/".startswith(f"{path}/")}

    def _is_made_outside(self, path: str, directory: str) -> bool:
        """Tell whether somebody is making a repository; not looked at so often that it would hold the watch up.

        path: what has appeared of it. directory: git's.
        """
        now = time.monotonic()
        if now < self._not_before:
            return False
        found = any(makers({*_called(directory), os.path.basename(os.path.dirname(path))}))
        taken = time.monotonic() - now
        self._not_before = 0.0 if found else now + taken * (PART + 1)
        return found

    def _guard(self, directory: str) -> None:
        """Make read-only what is there of a repository's settings, so that none of it can be moved out of the way."""
        self._look_up(directory)
        there = [path for path in (f"{directory}/{name}" for name in NAMES) if os.path.lexists(path[1:])]
        for path in there:
            try:
                self._protect(directory, path)
            except OSError as error:
                if os.path.lexists(path[1:]):  # else git has just put another one there, which comes next
                    self._say("open", path, str(error))
        if f"{directory}/config" in there:
            self._say("made", directory)

    def _protect(self, directory: str, path: str) -> None:
        for above in reversed(list(self._above(directory))):
            self._covers.pin(above)
        if self._covers.protect(path):
            self._note(path, hidden=False)

    def _above(self, directory: str) -> Iterator[str]:
        while self._places.writable(directory) and not f"{self._places.project}/".startswith(f"{directory}/"):
            yield directory
            directory = os.path.dirname(directory)


def makers(names: set[str]) -> Iterator[int]:
    """Yield the processes of this user, outside of any sandbox, that make repositories or copies of them.

    names: what a repository is called: their command line has one of these. Those that were started last come first:
    who has made what has just appeared may be gone in a millisecond.
    """
    mine = os.stat("proc/self").st_uid
    for process in sorted((int(name) for name in os.listdir("proc") if name.isdigit()), reverse=True):
        with suppress(OSError):  # it has ended
            program = _read(f"proc/{process}/comm").strip()
            if program not in COPYING and not program.startswith(b"git"):
                continue
            if os.stat(f"proc/{process}").st_uid == mine and _is_outside(process):
                words = _read(f"proc/{process}/cmdline").split(b"\0")[1:]
                if (program in COPYING or not MAKING.isdisjoint(words)) and any(_names(word, names) for word in words):
                    yield process


def _names(word: bytes, names: set[str]) -> bool:
    """Tell whether a word of a command line is, or ends in, what a repository is called."""
    last = os.fsdecode(word).rpartition("=")[2].rstrip("/").rpartition("/")[2].rpartition(":")[2]
    return last in names or last.removesuffix(".git") in names


def _called(directory: str) -> set[str]:
    """Return what a command line may call a repository."""
    above, _, name = directory.rpartition("/")
    return {os.path.basename(above) if name == GIT else name}


def _is_outside(process: int) -> bool:
    """Tell whether it is in the process namespace of this process: whoever is in one below has a number there, too."""
    lines = _read(f"proc/{process}/status").split(b"\n")
    return any(len(line.split()) == 2 for line in lines if line.startswith(b"NSpid:"))  # noqa: PLR2004


def _read(path: str) -> bytes:
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # with no file object, which takes four times as long
    try:
        return os.read(opened, MOST_BYTES)
    finally:
        os.close(opened)


def _named(path: str, *, directory: bool) -> str:
    """Return the directory that a `.git` is or names; "" where it names none."""
    if directory:
        return path
    try:
        opened = _linux.open_in(-100, os.fsencode(path).strip(b"/"), READ)  # AT_FDCWD
    except OSError:
        return ""
    with open(opened, "rb") as file:
        text = os.fsdecode(read_from(file, GIT_FILE_BYTES)) if stat.S_ISREG(os.fstat(opened).st_mode) else ""
    named = text.partition("gitdir:")[2].strip()
    return os.path.normpath(os.path.join(os.path.dirname(path), named)) if named else ""
